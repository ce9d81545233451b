/** What the vCPUs of a cluster have in common. */
import type { SystemCounter, SystemRegisterPort, UndefinedInstruction } from '../contract.ts';
import type { Decoder } from '../decoder.ts';
import type { Routines } from './core.ts';
import type { DecodedPages } from './decoded-pages.ts';
import type { LineDecoder } from './line-decoder.ts';
import type { MemoryMap } from './memory-map.ts';

/** What all vCPUs of a cluster share; `Core` is a vCPU. */
export interface ClusterParts<Core> {
  readonly memory: ArrayBuffer;
  readonly map: MemoryMap;
  readonly pages: DecodedPages;
  readonly lines: LineDecoder;
  readonly decoder: Decoder;
  readonly routines: Routines & { run(base: number): void };
  readonly vcpus: readonly Core[];
  /** What instructions ask of the TypeScript around the run loop. */
  readonly perform: (vcpu: Core, operation: number, operand: number) => number;
  readonly counter: SystemCounter;
  readonly port: SystemRegisterPort | undefined;
  readonly gicSystemRegisters: boolean;
  readonly onFirstExecution: ((vcpu: number, pc: bigint) => void) | undefined;
  readonly onUndefined: ((instruction: UndefinedInstruction) => void) | undefined;
}
