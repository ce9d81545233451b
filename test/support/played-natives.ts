/** The C around the engine as a test plays it: a vCPU's registers in a context, memory as buffers, every call on a list. */
import { cellsOf, layoutBytes } from '../../src/base/index.ts';
import type { Natives } from '../../src/embedded/index.ts';
import {
  answersEnd,
  answersNotified,
  answersTimer,
  answersVcpuFault,
  answersVmFault,
} from '../../src/vmm/direct/answers.ts';
import { faultState } from '../../src/vmm/direct/state.ts';
import { FAULT_LAYOUT, VGIC_LAYOUT } from '../../src/vmm/index.ts';
import { vgicState } from '../../src/vmm/vgic/state.ts';

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
const CONTEXT_WORDS = FAULT_LAYOUT.context[1] / 2;

function wordsOf({ buffer, byteOffset, length }: Uint32Array): BigUint64Array {
  return new BigUint64Array(buffer, byteOffset, length / 2);
}

export interface PlayedNatives extends Natives {
  /** What was called, in order, but for reads. */
  readonly calls: string[];
  readonly contexts: ReadonlyMap<number, BigUint64Array>;
  readonly regs: Map<string, bigint>;
  /** The words of the next fault. */
  readonly words: BigUint64Array;
  said: string;
}

/**
 * What `runtime/sel4/domain.c` asks compiled code before it enters the engine, with the TypeScript that it was compiled from: whether it has
 * dealt with a fault, or with a notification.
 */
export function playedAnswers(natives: PlayedNatives) {
  const s = vgicState(
    {
      injectIrq: (...args) => natives.injectIrq(...args),
      ackVppi: (...args) => natives.ackVppi(...args),
      irqAck: (channel) => natives.irqAck(channel),
      timerControl: (id) => Number(natives.readReg(id, natives.vcpuRegs['CNTV_CTL_EL0'] ?? -1)),
      acknowledge() {
        throw new Error('an acknowledgement of the script’s');
      },
    },
    natives.vgic,
  );
  const d = faultState(
    {
      readContext: (id) => {
        natives.readContext(id);
        return true;
      },
      writeContext: (id) => {
        natives.writeContext(id, false);
        return true;
      },
    },
    natives.faults,
  );
  return {
    fault(label: keyof typeof LABELS, id: number): boolean {
      if (label === 'VMFault') return answersVmFault(d, s, id);
      if (label === 'VPPIEvent') return answersTimer(d, s, id);
      if (label === 'VGICMaintenance') return answersEnd(d, s, id);
      return label === 'VCPUFault' && answersVcpuFault(d, s, id);
    },
    notified: (channel: number): boolean => answersNotified(s, channel),
  };
}

export function playedNatives(parts: {
  readonly memory?: ReadonlyMap<number, ArrayBuffer>;
  readonly symbols?: Readonly<Record<string, number>>;
  readonly images?: Readonly<Record<string, Uint8Array>>;
  /** What answers a protected call, in the words of its message. */
  readonly callee?: (words: BigUint64Array) => void;
  /** As on a kernel for several cores. */
  readonly smp?: boolean;
}): PlayedNatives {
  const calls: string[] = [];
  const contexts = new Map<number, BigUint64Array>();
  const regs = new Map<string, bigint>();
  const faults = new ArrayBuffer(layoutBytes(FAULT_LAYOUT));
  const cells = cellsOf(FAULT_LAYOUT, faults);
  const held = wordsOf(cells.context);
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
    words: wordsOf(cells.message),
    said: '',
    name: 'VMM',
    faults,
    vgic: new ArrayBuffer(layoutBytes(VGIC_LAYOUT)),
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
    ppcall: (channel) => {
      call('ppcall', channel);
      parts.callee?.(played.words);
    },
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
