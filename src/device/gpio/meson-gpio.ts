/**
 * The GPIO banks of Amlogic's chips from GXBB to SM1 (periphs domain), by the datasheets' names: for each bank which pins are
 * inputs, what is driven out, and what is on the pins. A pin that is driven shows what is driven; another shows the level that the
 * board gives it, which is high unless something pulls it low. Pulls, drive strengths and multiplexing are elsewhere, and without effect.
 */
import { RegisterDevice } from '../register-device.ts';
import { REMEMBERED, type Register, type RegisterMap, reg, registerMap, WHOLE } from '../registers.ts';

/** Pins of a bank: the word of its first register, the bit of its first pin, and how Linux's binding counts its pins. */
type Bank = readonly [word: number, bit: number, firstPin: number, pins: number];

/** After the bindings' headers and the pin controllers of Linux 6.1 (pinctrl/meson/). */
const LAYOUTS = {
  g12a: {
    windowBytes: 0x4c,
    // BOOT, C, X, H, Z, A
    banks: [
      [0, 0, 25, 16],
      [3, 0, 41, 8],
      [6, 0, 65, 20],
      [9, 0, 16, 9],
      [12, 0, 0, 16],
      [16, 0, 49, 16],
    ],
  },
  gxbb: {
    windowBytes: 0x40,
    // DV, Y, H, BOOT, CARD, Z, CLK, X
    banks: [
      [0, 0, 45, 30],
      [3, 0, 75, 17],
      [3, 20, 16, 4],
      [6, 0, 20, 18],
      [6, 20, 38, 7],
      [9, 0, 0, 16],
      [9, 28, 115, 4],
      [12, 0, 92, 23],
    ],
  },
  gxl: {
    windowBytes: 0x40,
    // DV, H, BOOT, CARD, Z, CLK, X
    banks: [
      [0, 0, 49, 30],
      [3, 20, 16, 10],
      [6, 0, 26, 16],
      [6, 20, 42, 7],
      [9, 0, 0, 16],
      [9, 28, 98, 2],
      [12, 0, 79, 19],
    ],
  },
} as const satisfies Record<string, { readonly windowBytes: number; readonly banks: readonly Bank[] }>;

/** Which SoC's banks and bits. */
export type MesonGpioLayout = keyof typeof LAYOUTS;

const wordsOf = (layout: MesonGpioLayout): readonly number[] => [
  ...new Set(LAYOUTS[layout].banks.map(([word]) => word)),
];

/** The datasheets count banks by their registers, three to each. */
function namesAt(word: number): readonly [enable: string, output: string, input: string] {
  const name = `PREG_PAD_GPIO${Math.floor(word / 3)}`;
  return [`${name}_EN_N`, `${name}_O`, `${name}_I`];
}

/** After power-on all pins are inputs. */
function registersOf(layout: MesonGpioLayout): RegisterMap {
  const registers = wordsOf(layout).flatMap((word): [string, Register][] => {
    const [enable, output, input] = namesAt(word);
    return [
      [enable, reg(4 * word, WHOLE, { reset: 0xffff_ffff })],
      [output, reg(4 * (word + 1), REMEMBERED)],
      [input, reg(4 * (word + 2), WHOLE, { access: 'ro' })],
    ];
  });
  return registerMap(Object.fromEntries(registers));
}

/** Amlogic's pin controller: levels and directions; multiplexing is remembered. */
export class MesonGpio extends RegisterDevice<RegisterMap> {
  readonly model: string;

  /** @param lowPins the pins that the board pulls low now, by their numbers in the tree */
  constructor(layout: MesonGpioLayout, lowPins: () => readonly number[]) {
    super(registersOf(layout), LAYOUTS[layout].windowBytes);
    this.model = `Meson GPIO banks (${layout.toUpperCase()})`;
    const inputs = wordsOf(layout).map((at) => {
      const [enable, output, input] = namesAt(at);
      const read = (): number => {
        const level = levelsAt(layout, at, lowPins());
        const isInput = this.value[enable] ?? 0;
        return ((isInput & level) | (~isInput & (this.value[output] ?? 0))) >>> 0;
      };
      return [input, { read }] as const;
    });
    this.behave(Object.fromEntries(inputs));
  }
}

/** What an input register shows where nothing is driven. */
function levelsAt(layout: MesonGpioLayout, at: number, lowPins: readonly number[]): number {
  let levels = 0;
  for (const [word, bit, firstPin, pins] of LAYOUTS[layout].banks) {
    if (word !== at) continue;
    for (let pin = 0; pin < pins; pin += 1) {
      if (!lowPins.includes(firstPin + pin)) levels |= 1 << (bit + pin);
    }
  }
  return levels >>> 0;
}
