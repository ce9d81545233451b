/** The C around the engine as a test plays it: a vCPU's registers in a context, memory as buffers, every call on a list. */
import type { Natives } from '../../src/embedded/index.ts';

const LABELS = {
  UnknownSyscall: 2,
  UserException: 3,
  VMFault: 5,
  VGICMaintenance: 6,
  VCPUFault: 7,
  VPPIEvent: 8,
};
const REGS = ['SCTLR_EL1', 'VBAR_EL1', 'ELR_EL1', 'SPSR_EL1', 'SP_EL1', 'ESR_EL1', 'FAR_EL1', 'CNTV_CTL_EL0'];
/** Words of seL4_UserContext. */
const CONTEXT_WORDS = 36;

export interface PlayedNatives extends Natives {
  /** What was called, in order, but for reads. */
  readonly calls: string[];
  readonly contexts: ReadonlyMap<number, BigUint64Array>;
  readonly regs: Map<string, bigint>;
  /** The words of the next fault. */
  readonly words: BigUint64Array;
  said: string;
}

export function playedNatives(parts: {
  readonly memory?: ReadonlyMap<number, ArrayBuffer>;
  readonly symbols?: Readonly<Record<string, number>>;
  readonly images?: Readonly<Record<string, Uint8Array>>;
  /** As on a kernel for several cores. */
  readonly smp?: boolean;
}): PlayedNatives {
  const calls: string[] = [];
  const contexts = new Map<number, BigUint64Array>();
  const regs = new Map<string, bigint>();
  const context = new ArrayBuffer(CONTEXT_WORDS * 8);
  const message = new ArrayBuffer(64 * 8);
  const held = new BigUint64Array(context);
  const contextOf = (vcpu: number): BigUint64Array => {
    const known = contexts.get(vcpu) ?? new BigUint64Array(CONTEXT_WORDS);
    contexts.set(vcpu, known);
    return known;
  };
  const names = parts.smp === true ? [...REGS, 'VMPIDR_EL2'] : REGS;
  const call = (name: string, ...args: readonly (number | string | bigint | boolean)[]): void => {
    calls.push([name, ...args].join(' '));
  };
  const played: PlayedNatives = {
    calls,
    contexts,
    regs,
    words: new BigUint64Array(message),
    said: '',
    name: 'VMM',
    context,
    message,
    faultLabels: LABELS,
    vcpuRegs: Object.fromEntries(names.map((name, number) => [name, number])),
    dbgPuts(text) {
      played.said += text;
    },
    setvar: (symbol) => parts.symbols?.[symbol],
    image: (name) => parts.images?.[name]?.slice().buffer,
    memory: (vaddr, sizeBytes) => parts.memory?.get(vaddr) ?? new ArrayBuffer(sizeBytes),
    cleanCache: (vaddr, sizeBytes) => call('cleanCache', vaddr, sizeBytes),
    read32: (vaddr) => vaddr & 0xff,
    write32: (vaddr, value) => call('write32', vaddr, value),
    notify: (channel) => call('notify', channel),
    irqAck: (channel) => call('irqAck', channel),
    readContext(vcpu) {
      call('readContext', vcpu);
      held.set(contextOf(vcpu));
    },
    writeContext(vcpu, resume) {
      call('writeContext', vcpu, resume);
      contextOf(vcpu).set(held);
    },
    vcpuStop: (vcpu) => call('vcpuStop', vcpu),
    injectIrq: (vcpu, irq, priority, group, index) => call('injectIrq', vcpu, irq, priority, group, index),
    ackVppi: (vcpu, irq) => call('ackVppi', vcpu, irq),
    readReg: (vcpu, reg) => regs.get(`${vcpu} ${names[reg]}`) ?? 0n,
    writeReg(vcpu, reg, value) {
      regs.set(`${vcpu} ${names[reg]}`, value);
    },
  };
  return played;
}
