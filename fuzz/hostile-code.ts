/**
 * Guest code that means ill: straight-line AArch64 that touches the interrupt controller in every way, calls by SMC and HVC
 * with anything, jumps into nothing, raises storms of interrupts, and changes its own translation. Encodings: Arm ARM DDI 0487
 * C6.2.
 */
import type { Random } from './random.ts';

export interface HostilePlaces {
  readonly gicVersion: 2 | 3;
  readonly vcpus: number;
  readonly ram: { readonly base: number; readonly size: number };
  /** Frames that are emulated, mapped or neither. */
  readonly frames: readonly { readonly base: number; readonly size: number }[];
}

const X_ADDRESS = 9;
const X_VALUE = 10;

/** `MOVZ` and `MOVK`: a register gets a number of up to 64 bits. */
export function move(register: number, value: bigint): number[] {
  const words: number[] = [];
  for (let half = 0; half < 4; half += 1) {
    const part = Number((value >> BigInt(16 * half)) & 0xffffn);
    if (half > 0 && part === 0) continue;
    const opcode = half === 0 ? 0xd280_0000 : 0xf280_0000;
    words.push((opcode | (half << 21) | (part << 5) | register) >>> 0);
  }
  return words;
}

/** Loads and stores of X10 at X9, of every width, alone and in pairs, exclusive, with writeback, of vectors; DC ZVA. */
const ACCESSES = [
  0x3900_0000, 0x3940_0000, 0x7900_0000, 0x7940_0000, 0xb900_0000, 0xb940_0000, 0xf900_0000, 0xf940_0000,
  0x3980_0000, 0xb980_0000, 0xb800_4400, 0xb840_4400, 0x2900_2800, 0x2940_2800, 0xa900_2800, 0xa940_2800,
  0x8800_7c00, 0x885f_7c00, 0xb800_0000, 0xb840_0000, 0x3d80_0000, 0x3dc0_0000, 0xb820_0000, 0x889f_fc00,
] as const;
const DC_ZVA_X9 = 0xd50b_7420 | X_ADDRESS;

function access(address: number, random: Random): number[] {
  const opcode = random.pick(ACCESSES);
  const word = random.below(16) === 0 ? DC_ZVA_X9 : (opcode | (X_ADDRESS << 5) | X_VALUE) >>> 0;
  const value = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  return [...move(X_ADDRESS, BigInt(address)), ...move(X_VALUE, value), word];
}

/** MSR and MRS of X10 by op0, op1, CRn, CRm and op2. */
function system(read: boolean, encoding: readonly [number, number, number, number, number]): number {
  const [op0, op1, crn, crm, op2] = encoding;
  const opcode = read ? 0xd530_0000 : 0xd510_0000;
  return (opcode | ((op0 & 1) << 19) | (op1 << 16) | (crn << 12) | (crm << 8) | (op2 << 5) | X_VALUE) >>> 0;
}

/** ICC_*, the virtual timer, VBAR, SCTLR, TTBRs, TCR, MAIR, and whatever lies beside them. */
function someRegister(random: Random): readonly [number, number, number, number, number] {
  switch (random.below(5)) {
    case 0:
      return [3, 0, random.pick([4, 12]), random.below(16), random.below(8)];
    case 1:
      return [3, 3, 14, random.pick([0, 2, 3]), random.below(3)];
    case 2:
      return [3, 0, random.pick([1, 2, 10, 12]), random.below(4), random.below(4)];
    default:
      return [random.pick([2, 3]), random.below(8), random.below(16), random.below(16), random.below(8)];
  }
}

/** PSCI's CPU_SUSPEND, CPU_OFF, SYSTEM_OFF, SYSTEM_RESET by their last bits, and CPU_ON (DEN0022). */
const ENDINGS = new Set([1, 2, 8, 9]);
const CPU_ON = 0x8400_0003;
export const SMC = 0xd400_0003;
const HVC = 0xd400_0002;
const [WFE, WFI, ERET, DAIFCLR, DAIFSET] = [0xd503_205f, 0xd503_207f, 0xd69f_03e0, 0xd503_4fff, 0xd503_4fdf];
const BR_X9 = 0xd61f_0000 | (X_ADDRESS << 5);
const TLBI_VMALLE1 = 0xd508_871f;

function call(random: Random, { ram, vcpus }: HostilePlaces): number[] {
  const functions = [0x8400_0000, 0xc400_0000, 0x8000_0000, 0xc200_0000, 0x8200_0000, 0xbf00_ff00];
  const wild = random.below(8) === 0 ? random.u32() : random.pick(functions) + random.below(32);
  // What ends a vCPU or the machine is rare, for there is more to be done.
  const id = ENDINGS.has(wild & 0x3f) && random.below(16) > 0 ? CPU_ON : wild;
  const entry = random.below(2) === 0 ? random.u32() : ram.base + random.below(ram.size);
  return [
    ...move(0, BigInt(id)),
    ...move(1, BigInt(random.below(vcpus + 2))),
    ...move(2, BigInt(entry)),
    ...move(3, BigInt(random.u32())),
    ((random.below(200) === 0 ? HVC : SMC) | (random.below(4) << 5)) >>> 0,
  ];
}

function store(address: number, value: number): number[] {
  const STR_W10_X9 = (0xb900_0000 | (X_ADDRESS << 5) | X_VALUE) >>> 0;
  return [...move(X_ADDRESS, BigInt(address)), ...move(X_VALUE, BigInt(value)), STR_W10_X9];
}

/** Lets interrupts through, so that storms arrive. */
function enable({ gicVersion, frames }: HostilePlaces): number[] {
  const [distributor = 0, cpuInterface = 0] = frames.map(({ base }) => base);
  if (gicVersion === 2) {
    return [...store(distributor, 1), ...store(cpuInterface, 1), ...store(cpuInterface + 4, 0xf0)];
  }
  const priorityMask = [...move(X_VALUE, 0xf0n), system(false, [3, 0, 4, 6, 0])];
  return [
    ...store(distributor, 0x13),
    ...priorityMask,
    ...move(X_VALUE, 1n),
    system(false, [3, 0, 12, 12, 7]),
  ];
}

/** Software interrupts to everybody, and a timer that is always due: with its interrupts let in. */
function storm(random: Random, places: HostilePlaces): number[] {
  const { gicVersion, frames } = places;
  const [distributor] = frames;
  const sgi =
    gicVersion === 3
      ? [
          ...move(X_VALUE, (1n << 40n) | (BigInt(random.below(16)) << 24n) | 0xffffn),
          system(false, [3, 0, 12, 11, 5]),
        ]
      : store((distributor?.base ?? 0) + 0xf00, (random.below(3) << 24) | (0xff << 16) | random.below(16));
  const timer = [
    ...move(X_VALUE, BigInt(random.below(64))),
    system(false, [3, 3, 14, 3, 0]),
    ...move(X_VALUE, 1n),
    system(false, [3, 3, 14, 3, 1]),
  ];
  return [...(random.below(4) === 0 ? enable(places) : []), ...sgi, ...timer, DAIFCLR];
}

function jump(random: Random, { ram }: HostilePlaces): number[] {
  const targets = [random.u32(), ram.base + random.below(ram.size), 0, ram.base + ram.size];
  return [...move(X_ADDRESS, BigInt(random.pick(targets))), BR_X9 >>> 0];
}

function act(random: Random, places: HostilePlaces): number[] {
  switch (random.below(16)) {
    case 0:
    case 1:
      return call(random, places);
    case 2:
    case 3:
      return storm(random, places);
    case 4:
      return random.below(50) === 0 ? jump(random, places) : [DAIFSET];
    case 5:
      if (random.below(16) === 0) return [...storm(random, places), WFI];
      return [random.below(100) === 0 ? ERET : random.pick([WFE, TLBI_VMALLE1])];
    case 6:
    case 7:
      return [...move(X_VALUE, BigInt(random.u32())), system(random.below(2) === 0, someRegister(random))];
    case 8:
      return random.below(50) > 0 ? [random.u32()] : access(random.u32(), random);
    default: {
      const { base, size } = random.pick(places.frames);
      return access(base + random.below(size), random);
    }
  }
}

/** So many instructions, and then from the beginning again. */
export function hostileCode(random: Random, places: HostilePlaces, words: number): Uint32Array {
  const code: number[] = [];
  while (code.length < words - 8) code.push(...act(random, places));
  // B to the first word.
  code.push((0x1400_0000 | (-code.length & 0x3ff_ffff)) >>> 0);
  return Uint32Array.from(code);
}

/** Vectors: each entry acknowledges whatever there is, ends it, and goes on, or goes on at some other place. */
export function hostileVectors(random: Random, places: HostilePlaces, codeBase: number): Uint32Array {
  const vectors = new Uint32Array(0x800 / 4);
  for (let entry = 0; entry < 0x800 / 4; entry += 0x80 / 4) {
    const acknowledge = [system(true, [3, 0, 12, 12, 0]), system(false, [3, 0, 12, 12, 1])];
    const words =
      random.below(3) === 0
        ? [...move(X_ADDRESS, BigInt(codeBase + 4 * random.below(0x200))), BR_X9 >>> 0]
        : [...(places.gicVersion === 3 ? acknowledge : []), ...skip(), ERET];
    vectors.set(words.slice(0, 0x80 / 4), entry);
  }
  return vectors;
}

/** ELR_EL1 past the instruction that trapped. */
function skip(): number[] {
  const addFour = (0x9100_1000 | (X_VALUE << 5) | X_VALUE) >>> 0;
  return [system(true, [3, 0, 4, 0, 1]), addFour, system(false, [3, 0, 4, 0, 1])];
}
