/**
 * The registers that a debugger sees, in the order in which it numbers them: GDB's standard features of AArch64 (GDB manual G.5.1)
 * and the system registers by their architectural names.
 */
import { SYSTEM_REGISTER_NAMES, type Vcpu } from '../aarch64/index.ts';

export interface GdbRegister {
  readonly name: string;
  readonly sizeBytes: 4 | 8 | 16;
  /** In the target description. */
  readonly type: string;
  readonly get: (cpu: Vcpu) => bigint;
  readonly set: (cpu: Vcpu, value: bigint) => void;
}

interface Feature {
  readonly name: string;
  /** Elements before the registers. */
  readonly types: string;
  readonly group?: string;
  readonly registers: readonly GdbRegister[];
}

const GENERAL = 31;
const VECTORS = 32;

function general(number: number): GdbRegister {
  return {
    name: `x${number}`,
    sizeBytes: 8,
    type: 'int',
    get: (cpu) => cpu.x(number),
    set: (cpu, value) => cpu.setX(number, value),
  };
}

function pointer(name: 'sp' | 'pc', type: string): GdbRegister {
  return {
    name,
    sizeBytes: 8,
    type,
    get: (cpu) => cpu[name],
    set: (cpu, value) => {
      cpu[name] = value;
    },
  };
}

const SPECIAL: readonly GdbRegister[] = [
  pointer('sp', 'data_ptr'),
  pointer('pc', 'code_ptr'),
  {
    name: 'cpsr',
    sizeBytes: 4,
    type: 'cpsr_flags',
    get: (cpu) => BigInt(cpu.pstate),
    set: (cpu, value) => {
      cpu.pstate = Number(value);
    },
  },
];

function vector(number: number): GdbRegister {
  return {
    name: `v${number}`,
    sizeBytes: 16,
    type: 'vector',
    get: (cpu) => cpu.v(number),
    set: (cpu, value) => cpu.setV(number, value),
  };
}

function system(name: string, shown: string, sizeBytes: 4 | 8): GdbRegister {
  return {
    name: shown,
    sizeBytes,
    type: 'int',
    get: (cpu) => BigInt.asUintN(8 * sizeBytes, cpu.system(name)),
    set: (cpu, value) => cpu.setSystem(name, value),
  };
}

/** PSTATE as SPSR_EL1 has it. */
const FLAGS = [
  ...[['SP', 0, 0] as const, ['EL', 2, 3] as const],
  ...[['F', 6, 6] as const, ['I', 7, 7] as const, ['A', 8, 8] as const, ['D', 9, 9] as const],
  ...[['IL', 20, 20] as const, ['SS', 21, 21] as const, ['PAN', 22, 22] as const],
  ...[['V', 28, 28] as const, ['C', 29, 29] as const, ['Z', 30, 30] as const, ['N', 31, 31] as const],
]
  .map(([name, start, end]) => `<field name="${name}" start="${start}" end="${end}"/>`)
  .join('');

/** A vector register by its lanes: [member, lane's type, lanes]. */
const LANES = [
  ['d', 'ieee_double', 2],
  ['s', 'ieee_single', 4],
  ['u64', 'uint64', 2],
  ['u32', 'uint32', 4],
  ['u16', 'uint16', 8],
  ['u8', 'uint8', 16],
] as const;
const VECTOR_TYPES = [
  ...LANES.map(([name, type, count]) => `<vector id="v${name}" type="${type}" count="${count}"/>`),
  '<union id="vector">',
  ...LANES.map(([name]) => `<field name="${name}" type="v${name}"/>`),
  '<field name="u128" type="uint128"/></union>',
].join('');

/** They are among the floating-point feature's. */
const IN_OTHER_FEATURES = new Set(['FPCR', 'FPSR', 'NZCV', 'DAIF']);

const FEATURES: readonly Feature[] = [
  {
    name: 'org.gnu.gdb.aarch64.core',
    types: `<flags id="cpsr_flags" size="4">${FLAGS}</flags>`,
    registers: [...Array.from({ length: GENERAL }, (_, number) => general(number)), ...SPECIAL],
  },
  {
    name: 'org.gnu.gdb.aarch64.fpu',
    types: VECTOR_TYPES,
    registers: [
      ...Array.from({ length: VECTORS }, (_, number) => vector(number)),
      system('FPSR', 'fpsr', 4),
      system('FPCR', 'fpcr', 4),
    ],
  },
  {
    name: 'drivervm.aarch64.system',
    types: '',
    group: 'system',
    registers: SYSTEM_REGISTER_NAMES.filter((name) => !IN_OTHER_FEATURES.has(name)).map((name) =>
      system(name, name, 8),
    ),
  },
];

export const REGISTERS: readonly GdbRegister[] = FEATURES.flatMap(({ registers }) => registers);
/** Those of `g` packets; the others are asked for one by one. */
export const GROUP_COUNT = (FEATURES[0]?.registers.length ?? 0) + (FEATURES[1]?.registers.length ?? 0);

/** The target description (GDB manual G.2): made when a client asks, which few runs have. */
export function targetDescription(): string {
  return [
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">',
    '<architecture>aarch64</architecture>',
    ...FEATURES.flatMap(({ name, types, group, registers }) => [
      `<feature name="${name}">${types}`,
      ...registers.map(
        (each) =>
          `<reg name="${each.name}" bitsize="${8 * each.sizeBytes}" type="${each.type}"` +
          `${group === undefined ? '' : ` group="${group}" save-restore="no"`}/>`,
      ),
      '</feature>',
    ]),
    '</target>',
  ].join('\n');
}
