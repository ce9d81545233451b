/** Lines of real consoles, those of both releases, and lines that only look like it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelMessages, kernelMessageOf } from './kernel-messages.ts';
import { ConsoleLines } from './lines.ts';

const said = (line: string) => {
  const { kind, device, error, reason } = kernelMessageOf(line) ?? {};
  return [kind, device, error, reason].filter((part) => part !== undefined).join(' ');
};

test('what each message says', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      '[    0.165913] phy-meson-g12a-usb2: probe of ff63a000.phy failed with error -2\r',
      'probe-failed ff63a000.phy -2',
    ],
    ['phy-x ff63a000.phy: probe with driver phy-x failed with error -2', 'probe-failed ff63a000.phy -2'],
    ['# \x1b[6n[   12.005261] platform ffe09000.usb: deferred probe pending', 'probe-deferred ffe09000.usb'],
    [
      '[   12.1][   T45] platform soc:fan: deferred probe pending: platform: wait for supplier /soc/pwm@1000',
      '',
    ],
    [
      '[   12.100000][   T45] platform soc:fan: deferred probe pending: platform: wait for supplier /soc/pwm@1000',
      'probe-deferred soc:fan platform: wait for supplier /soc/pwm@1000',
    ],
    ['meson8b-dwmac ff3f0000.ethernet: error -EINVAL: no clock', 'detail ff3f0000.ethernet -EINVAL no clock'],
    ["[    1.5] meson-gx-mmc ffe07000.mmc: no support for card's volts", ''],
    ["<4>meson-gx-mmc ffe07000.mmc: no support for card's volts", 'complaint ffe07000.mmc'],
    ['mmc1: error -22 whilst initialising MMC card', 'complaint mmc1 -22'],
    ['mmc0: Timeout waiting for hardware cmd interrupt.', 'complaint mmc0'],
    ['rk_gmac-dwmac fe300000.ethernet eth0: Failed to reset the dma', 'complaint fe300000.ethernet'],
    ['rk_gmac-dwmac fe300000.ethernet: Failed to reset the dma', 'complaint fe300000.ethernet'],
    ['NETDEV WATCHDOG: eth0 (macb): transmit queue 0 timed out', 'complaint'],
    [
      'macb ff0e0000.ethernet eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 1 timed out 5376 ms',
      'complaint ff0e0000.ethernet',
    ],
    ['irq 17: nobody cared (try booting with the "irqpoll" option)', 'complaint'],
    ['Internal error: synchronous external abort: 0000000096000010 [#1] SMP', 'complaint'],
    ['echo probe of nothing failed with error -2 said I', ''],
    ['usbcore: registered new device driver usb', ''],
  ];
  for (const [line, expected] of cases) assert.equal(said(line), expected, line);
});

test('a guest that says it without end is kept within bounds, and a line without end costs little', () => {
  const messages = new KernelMessages();
  const lines = new ConsoleLines((source, line) => messages.heard(source, line));
  const say = (text: string) => {
    for (const byte of new TextEncoder().encode(text)) lines.add(0, byte);
  };
  for (let number = 0; number < 1000; number += 1) say(`x: probe of ${number}.y failed with error -2\n`);
  say('x: probe of 1.y failed with error -2\n');
  assert.equal(messages.of(0).length, 200);
  say(`${'[    0.000000] '.repeat(100_000)}\n`);
  assert.equal(messages.of(0).length, 200);
  assert.deepEqual(messages.of(1), []);
});
