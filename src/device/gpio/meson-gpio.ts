/**
 * The GPIO banks of Amlogic's G12A and SM1 (periphs domain), by the S905X3 datasheet's names: for each bank which pins are
 * inputs, what is driven out, and what is on the pins. A pin that is driven shows what is driven; another shows the level that the
 * board gives it, which is high unless something pulls it low. Pulls, drive strengths and multiplexing are elsewhere, and without effect.
 */
import { RegisterDevice } from '../register-device.ts';
import { REMEMBERED, type Register, reg, registerMap, WHOLE } from '../registers.ts';

/** Where a bank's three registers begin, and its pins as Linux's binding counts them (meson-g12a-gpio.h). */
interface Bank {
  readonly name: string;
  readonly offset: number;
  readonly firstPin: number;
  readonly pins: number;
}

const BANKS: readonly Bank[] = [
  { name: 'GPIO0', offset: 0x00, firstPin: 25, pins: 16 }, // BOOT
  { name: 'GPIO1', offset: 0x0c, firstPin: 41, pins: 8 }, // C
  { name: 'GPIO2', offset: 0x18, firstPin: 65, pins: 20 }, // X
  { name: 'GPIO3', offset: 0x24, firstPin: 16, pins: 9 }, // H
  { name: 'GPIO4', offset: 0x30, firstPin: 0, pins: 16 }, // Z
  { name: 'GPIO5', offset: 0x40, firstPin: 49, pins: 16 }, // A
];
const WINDOW_BYTES = 0x4c;

const names = ({ name }: Bank) =>
  [`PREG_PAD_${name}_EN_N`, `PREG_PAD_${name}_O`, `PREG_PAD_${name}_I`] as const;

/** After power-on all pins are inputs. */
const REGISTERS = registerMap(
  Object.fromEntries(
    BANKS.flatMap((bank): [string, Register][] => {
      const [enable, output, input] = names(bank);
      return [
        [enable, reg(bank.offset, WHOLE, { reset: 0xffff_ffff })],
        [output, reg(bank.offset + 4, REMEMBERED)],
        [input, reg(bank.offset + 8, WHOLE, { access: 'ro' })],
      ];
    }),
  ),
);

export class MesonGpio extends RegisterDevice<typeof REGISTERS> {
  readonly model = 'Meson GPIO banks (G12A, SM1)';

  /** @param lowPins the pins that the board pulls low, by their numbers in the tree */
  constructor(lowPins: readonly number[]) {
    super(REGISTERS, WINDOW_BYTES);
    const inputs = BANKS.map((bank) => {
      const [enable, output, input] = names(bank);
      const level = lowPins
        .map((pin) => pin - bank.firstPin)
        .filter((bit) => bit >= 0 && bit < bank.pins)
        .reduce((all, bit) => all & ~(1 << bit), 2 ** bank.pins - 1);
      const read = (): number => {
        const isInput = this.value[enable] ?? 0;
        return ((isInput & level) | (~isInput & (this.value[output] ?? 0))) >>> 0;
      };
      return [input, { read }] as const;
    });
    this.behave(Object.fromEntries(inputs));
  }
}
