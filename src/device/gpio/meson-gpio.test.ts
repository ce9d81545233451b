import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset } from '../../../test/support/devices.ts';
import { MesonGpio } from './meson-gpio.ts';

const [EN_N, O, I] = [0x0c, 0x10, 0x14];

test('reset values, every offset, state', () => {
  const gpio = new MesonGpio('g12a', () => []);
  assert.equal(gpio.read(EN_N, 4), 0xffff_ffff);
  assert.equal(gpio.read(O, 4), 0);
  assert.equal(gpio.read(I, 4), 0xff, 'eight pins, all pulled up');
  assert.equal(gpio.registerAt(0x41), 'PREG_PAD_GPIO5_EN_N');
  touchEveryOffset(gpio);
  for (const layout of ['g12a', 'gxbb', 'gxl'] as const) {
    touchEveryOffset(new MesonGpio(layout, () => []));
    checkResetAndState(() => new MesonGpio(layout, () => [47]));
  }
});

test('inputs show what the board gives them, outputs what is driven', () => {
  // GPIOC_6 is pin 47.
  const gpio = new MesonGpio('g12a', () => [47]);
  assert.equal(gpio.read(I, 4), 0xbf);
  gpio.write(O, 0x41, 4);
  gpio.write(EN_N, 0xffff_ffbc, 4);
  assert.equal(gpio.read(I, 4), 0xfd, 'bits 6, 1 and 0 are driven: high, low, high');
});

test('banks that share a register', () => {
  // CARD_6 of GXBB and GXL, pins 44 and 48: bit 26 of the third bank's inputs, beside BOOT's.
  assert.equal(new MesonGpio('gxbb', () => [44]).read(0x20, 4), 0x03f3_ffff);
  assert.equal(new MesonGpio('gxl', () => [48]).read(0x20, 4), 0x03f0_ffff);
});
