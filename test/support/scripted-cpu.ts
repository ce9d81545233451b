/**
 * A processor without a processor: each vCPU follows a script, a generator that loads, stores and yields the exits that a
 * real guest would cause. It obeys `aarch64/contract.ts`, so that the kernel model and the monitor can be tested by
 * scenario, without any guest code.
 */

import type {
  AccessKind,
  CpuCluster,
  CpuClusterOptions,
  MmioDevice,
  Permissions,
  RamRegion,
  Stage2,
  Stage2FaultExit,
  SystemRegisterEncoding,
  TimerState,
  Vcpu,
  VcpuExit,
} from '../../src/aarch64/index.ts';
import { keptPages } from '../../src/base/index.ts';
import { wasmEngine } from '../../src/wasm/index.ts';

/** What a script yields: an exit, after which the kernel has done its part when the script goes on. */
export type Script = Generator<VcpuExit, void, void>;
export type ScriptFactory = (cpu: ScriptedVcpu) => Script;

interface Mapping {
  readonly ipa: number;
  readonly sizeBytes: number;
  readonly permissions: Permissions;
  readonly device?: MmioDevice;
  readonly ramOffset?: number;
}

class ScriptedStage2 implements Stage2 {
  readonly mappings: Mapping[] = [];

  mapRam(ipa: number, sizeBytes: number, ramOffset: number, permissions: Permissions): void {
    this.mappings.unshift({ ipa, sizeBytes, permissions, ramOffset });
  }

  mapDevice(ipa: number, sizeBytes: number, permissions: Permissions, device: MmioDevice): void {
    this.mappings.unshift({ ipa, sizeBytes, permissions, device });
  }

  unmap(ipa: number): void {
    const index = this.mappings.findIndex((mapping) => mapping.ipa === ipa);
    if (index >= 0) this.mappings.splice(index, 1);
  }

  at(ipa: number): Mapping | undefined {
    return this.mappings.find((mapping) => ipa >= mapping.ipa && ipa < mapping.ipa + mapping.sizeBytes);
  }

  ramOffsetOf(ipa: number): number | undefined {
    const mapping = this.at(ipa);
    return mapping?.ramOffset === undefined ? undefined : mapping.ramOffset + ipa - mapping.ipa;
  }
}

/** The register that scripted loads and stores go through. */
const DATA_REGISTER = 5;
const INSTRUCTION_BYTES = 4n;
const [EC_DATA_ABORT, EC_SMC64, EC_HVC64, EC_SYSREG] = [0x24, 0x17, 0x16, 0x18];
const IL = 1 << 25;

/** ESR_EL2 of a stage 2 translation fault with a valid syndrome (Arm ARM D17.2.37). */
function dataAbortSyndrome(write: boolean, sizeBytes: number, srt: number): number {
  const sas = Math.log2(sizeBytes);
  const sf = sizeBytes === 8 ? 1 : 0;
  return (
    (EC_DATA_ABORT * 2 ** 26 +
      IL +
      (1 << 24) +
      (sas << 22) +
      (srt << 16) +
      (sf << 15) +
      (write ? 1 << 6 : 0) +
      0x07) >>>
    0
  );
}

export class ScriptedVcpu implements Vcpu {
  readonly index: number;
  mpidr = 0n;
  stage2: ScriptedStage2 | undefined;
  sp = 0n;
  pc = 0n;
  pstate = 0x3c5;
  retired = 0;
  irqLevel = false;
  fiqLevel = false;
  stopRequested = false;
  turnWanted = true;
  readonly yielded = false;
  virtualTimer: TimerState = { enabled: false, masked: false, compare: 0n, offset: 0n };
  readonly physicalTimer: TimerState = { enabled: false, masked: false, compare: 0n, offset: 0n };
  onTimerWritten: ((vcpu: Vcpu) => void) | undefined;
  /** What it runs after each reset. */
  program: ScriptFactory = function* () {};
  readonly #x = new Array<bigint>(31).fill(0n);
  readonly #system = new Map<string, bigint>();
  readonly #options: CpuClusterOptions;
  readonly #memory: Uint8Array;
  #script: Script | undefined;
  #budget = 0;
  externalAborts = 0;
  undefineds = 0;
  stopAtRetired: number | undefined;
  setDebugPoints(): void {}

  constructor(index: number, options: CpuClusterOptions, memory: Uint8Array) {
    this.index = index;
    this.#options = options;
    this.#memory = memory;
  }

  get statistics() {
    const none = { exceptions: 0, tlbMisses: 0, mmioAccesses: 0, pagesDecoded: 0, instructionsDecoded: 0 };
    return { retired: this.retired, ...none };
  }

  run(instructionBudget: number): VcpuExit {
    this.#budget = instructionBudget;
    this.stopRequested = false;
    this.retired += 1;
    this.#script ??= this.program(this);
    const step = this.#script.next();
    return step.done === true ? { kind: 'wfi' } : step.value;
  }

  requestStop(): void {
    this.stopRequested = true;
  }

  // ---- What scripts do ----

  /** A load: from RAM, from a device, or, where nothing is mapped, through the monitor. */
  *load(ipa: number, sizeBytes: 1 | 2 | 4 | 8 = 4): Generator<VcpuExit, number, void> {
    const mapping = this.stage2?.at(ipa);
    if (mapping?.device !== undefined && sizeBytes !== 8) {
      const value = mapping.device.read(ipa, sizeBytes, this);
      if (this.stopRequested) yield { kind: 'budget' };
      return value;
    }
    if (mapping?.ramOffset !== undefined) return this.#memory[mapping.ramOffset + ipa - mapping.ipa] ?? 0;
    yield this.#fault('read', ipa, sizeBytes, undefined);
    return Number(this.#x[DATA_REGISTER] ?? 0n);
  }

  *store(ipa: number, value: number, sizeBytes: 1 | 2 | 4 | 8 = 4): Generator<VcpuExit, void, void> {
    const mapping = this.stage2?.at(ipa);
    if (mapping?.device !== undefined && sizeBytes !== 8) {
      mapping.device.write(ipa, sizeBytes, value, this);
      if (this.stopRequested) yield { kind: 'budget' };
      return;
    }
    this.#x[DATA_REGISTER] = BigInt(value);
    yield this.#fault('write', ipa, sizeBytes, BigInt(value));
  }

  /** Runs so many instructions, in as many slices as the kernel makes of them. */
  *spin(instructions: number): Script {
    for (let left = instructions; left > 0; ) {
      const count = Math.min(left, Math.max(1, this.#budget));
      this.retired += count;
      left -= count;
      yield { kind: 'budget' };
    }
  }

  *smc(functionId: number, ...args: readonly bigint[]): Generator<VcpuExit, bigint, void> {
    this.#x[0] = BigInt(functionId);
    for (const [index, argument] of args.entries()) this.#x[index + 1] = argument;
    yield { kind: 'smc', immediate: 0, esr: (EC_SMC64 * 2 ** 26 + IL) >>> 0 };
    return this.#x[0] ?? 0n;
  }

  *hvc(): Script {
    this.pc += INSTRUCTION_BYTES;
    yield { kind: 'hvc', immediate: 0, esr: (EC_HVC64 * 2 ** 26 + IL) >>> 0 };
  }

  /** Reads one of the system registers that the machine keeps. */
  readSystem(register: SystemRegisterEncoding): bigint | 'undefined' {
    const value = this.#options.systemRegisters?.read(this, register) ?? 'undefined';
    return value === 'trap' ? 'undefined' : value;
  }

  *writeSystem(register: SystemRegisterEncoding, value: bigint): Script {
    const outcome = this.#options.systemRegisters?.write(this, register, value);
    if (outcome === 'trap') {
      this.#x[DATA_REGISTER] = value;
      const { op0, op1, crn, crm, op2 } = register;
      const iss = (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (DATA_REGISTER << 5) | (crm << 1);
      const esr = (EC_SYSREG * 2 ** 26 + IL + iss) >>> 0;
      yield { kind: 'system-register', register, direction: 'write', rt: DATA_REGISTER, value, esr };
    } else if (this.stopRequested) {
      yield { kind: 'budget' };
    }
  }

  *wfi(): Script {
    if (!this.irqLevel && !this.fiqLevel) yield { kind: 'wfi' };
  }

  setTimer(timer: Partial<TimerState>): void {
    this.virtualTimer = { ...this.virtualTimer, ...timer };
    this.onTimerWritten?.(this);
  }

  // ---- The rest of the contract ----

  setIrq(level: boolean): void {
    this.irqLevel = level;
  }

  setFiq(level: boolean): void {
    this.fiqLevel = level;
  }

  setSError(): void {}

  x(register: number): bigint {
    return this.#x[register] ?? 0n;
  }

  setX(register: number, value: bigint): void {
    if (register < 31) this.#x[register] = BigInt.asUintN(64, value);
  }

  v(): bigint {
    return 0n;
  }

  setV(): void {}

  system(name: string): bigint {
    if (name === 'CNTV_CTL_EL0') {
      const { enabled, masked, compare, offset } = this.virtualTimer;
      const count = this.#options.counter.count(this, this.retired);
      const isMet = enabled && count >= compare + offset;
      return BigInt((enabled ? 1 : 0) | (masked ? 2 : 0) | (isMet ? 4 : 0));
    }
    return this.#system.get(name) ?? 0n;
  }

  setSystem(name: string, value: bigint): void {
    this.#system.set(name, value);
  }

  reset(): void {
    this.#script = undefined;
    this.#x.fill(0n);
    this.pc = 0n;
    this.pstate = 0x3c5;
    this.virtualTimer = { enabled: false, masked: false, compare: 0n, offset: 0n };
  }

  setVirtualOffset(offset: bigint): void {
    this.virtualTimer = { ...this.virtualTimer, offset };
  }

  completeRead(exit: Stage2FaultExit, value: bigint): void {
    this.setX(exit.syndrome?.srt ?? 31, value);
    this.skipInstruction();
  }

  skipInstruction(): void {
    this.pc += INSTRUCTION_BYTES;
  }

  injectExternalAbort(): void {
    this.externalAborts += 1;
  }

  injectUndefined(): void {
    this.undefineds += 1;
  }

  locate(va: bigint): number {
    return Number(va);
  }

  translate(va: bigint): { readonly ipa: number } {
    return { ipa: Number(va) };
  }

  #fault(
    access: AccessKind,
    ipa: number,
    sizeBytes: 1 | 2 | 4 | 8,
    value: bigint | undefined,
  ): Stage2FaultExit {
    return {
      kind: 'stage2',
      access,
      ipa,
      va: BigInt(ipa),
      esr: dataAbortSyndrome(access === 'write', sizeBytes, DATA_REGISTER),
      permission: false,
      syndrome: { sizeBytes, signExtend: false, srt: DATA_REGISTER, sixtyFour: sizeBytes === 8 },
      value,
    };
  }
}

export interface ScriptedCluster extends CpuCluster {
  readonly vcpus: readonly ScriptedVcpu[];
}

export function createScriptedCluster(options: CpuClusterOptions): ScriptedCluster {
  const total = options.ramSizesBytes.reduce((sum, size) => sum + size, 0);
  const memory = new Uint8Array(total);
  let offset = 0;
  const ram = options.ramSizesBytes.map((sizeBytes): RamRegion => {
    const region = { offset, sizeBytes, bytes: memory.subarray(offset, offset + sizeBytes) };
    offset += sizeBytes;
    return region;
  });
  const vcpus = Array.from(
    { length: options.vcpuCount },
    (_, index) => new ScriptedVcpu(index, options, memory),
  );
  return {
    memory: new wasmEngine.Memory({ initial: 0 }),
    ram,
    vcpus,
    createStage2: () => new ScriptedStage2(),
    ramWritten: () => {},
    clearRam: (offset, sizeBytes) => memory.fill(0, offset, offset + sizeBytes),
    hotPages: () => [],
    translations: () => undefined,
    saved: keptPages(memory),
  };
}
