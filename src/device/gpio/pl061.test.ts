import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, RecordingLine, touchEveryOffset } from '../../../test/support/devices.ts';
import { Pl061 } from './pl061.ts';

const [DATA, DIR, IS, IEV, IE, RIS, MIS] = [0x3fc, 0x400, 0x404, 0x40c, 0x410, 0x414, 0x418];

function bench() {
  const irq = new RecordingLine();
  return { irq, gpio: new Pl061({ irq }) };
}

test('reset values, every offset, state', () => {
  const { gpio } = bench();
  assert.deepEqual(
    [DATA, DIR, IS, IEV, IE, RIS, MIS].map((offset) => gpio.read(offset, 4)),
    [0, 0, 0, 0, 0, 0, 0],
  );
  touchEveryOffset(gpio);
  checkResetAndState(() => bench().gpio);
});

test('what AMBA drivers look for', () => {
  const { gpio } = bench();
  const id = [0, 1, 2, 3].reduce((sum, byte) => sum | (gpio.read(0xfe0 + 4 * byte, 4) << (8 * byte)), 0);
  assert.equal(id & 0x000f_ffff, 0x0004_1061);
});

test('an address says which pins are meant; only outputs take a level', () => {
  const { gpio } = bench();
  gpio.write(DIR, 0x0f, 4);
  gpio.write(DATA, 0xff, 4);
  assert.equal(gpio.read(DATA, 4), 0x0f);
  gpio.write(0x3 << 2, 0, 1);
  assert.equal(gpio.read(DATA, 4), 0x0c);
  assert.equal(gpio.read(0x5 << 2, 4), 0x04);
  assert.equal(gpio.read(0, 4), 0);
  assert.equal(gpio.registerAt(0x3 << 2), 'GPIODATA');
});

test('a pin that is low raises the interrupt of whoever waits for low, while that is not masked', () => {
  const { irq, gpio } = bench();
  gpio.write(IS, 0x10, 4);
  assert.deepEqual([gpio.read(RIS, 4), gpio.read(MIS, 4), irq.level], [0x10, 0, false]);
  gpio.write(IE, 0x10, 4);
  assert.deepEqual([gpio.read(MIS, 4), irq.level], [0x10, true]);
  gpio.write(IEV, 0x10, 4);
  assert.deepEqual([gpio.read(RIS, 4), irq.level], [0, false]);
  gpio.write(DIR, 0x10, 4);
  gpio.write(DATA, 0x10, 4);
  assert.equal(irq.level, true, 'an output is sensed too');
});
