/**
 * A run as one value: the session with its consoles and what is said of it, made of inputs that were read. Nothing happens
 * before it is stepped, so whoever made it can first say who listens.
 */
import { createCpuCluster, DEFAULT_TRANSLATION } from '../aarch64/index.ts';
import type { Host } from '../base/index.ts';
import type { FrameWatcher } from '../device/index.ts';
import { RealTime } from '../machine/index.ts';
import { Consoles, ExecutedInstructions, Session, Tracer, type TraceSink } from '../run/index.ts';
import type { KernelEvent } from '../sel4/index.ts';
import { programOf } from './programs.ts';
import { RunEngine } from './run-engine.ts';
import type { RunInputs } from './run-inputs.ts';
import { RunReport } from './run-report.ts';
import type { RunRequest } from './run-request.ts';

/** How a run's code is translated: it is unless `translate` is false. */
interface Translating {
  readonly translate?: boolean;
  /** What {@link Run.translations} gave in an earlier run of the same build; empty: nothing yet. Absent: nothing is kept. */
  readonly kept?: Uint8Array;
}

/** A run: its session, its consoles, its report. */
export class Run {
  readonly session: Session;
  readonly consoles: Consoles;
  readonly report: RunReport;
  /** Where what is traced goes, unless whoever asks says so. */
  traceSink: TraceSink | undefined;
  /** Whether a debugger or a profile stops the vCPUs, so that no trace can. */
  isStopped = false;
  /** What the guests' kernels executed, where that is wanted. */
  readonly executed: ExecutedInstructions | undefined;
  readonly #inputs: RunInputs;
  #tracer: Tracer | undefined;
  /** Hears every byte that a console says, with the console's index in {@link Consoles.sources}. */
  onByte: (source: number, byte: number) => void = () => {};
  /** Hears what the kernel does. */
  onEvent: (event: KernelEvent) => void = () => {};
  /** Sees each frame on the machine's wire once; to be set before the first step. */
  onFrame: FrameWatcher | undefined;

  constructor(
    host: Pick<Host, 'nowMs'>,
    inputs: RunInputs,
    {
      clock,
      until,
      seed,
      translate,
      kept,
      coverage,
    }: Pick<RunRequest, 'clock' | 'until' | 'seed'> &
      Translating & {
        /** Where coverage is to be written. */
        readonly coverage?: string;
      } = {},
  ) {
    this.#inputs = inputs;
    const { board, description, payloads, monitors, library, disks, shared, registerSeeds } = inputs;
    const resources = {
      stores: disks.served,
      ...shared,
      ...(seed === undefined ? {} : { seed }),
      serial: (pd: string, client: number, bytes: Uint8Array) => {
        if (!this.session.isHeardBefore) this.consoles.passed(pd, client, bytes);
      },
    };
    const engine =
      inputs.engine === undefined ? undefined : new RunEngine(inputs.engine, payloads, description);
    const translation = { ...DEFAULT_TRANSLATION, ...(kept === undefined ? {} : { kept }) };
    this.session = new Session({
      board,
      description,
      programOf: (pd, wire) =>
        engine?.programOf(pd) ??
        programOf(pd, description, { payloads, monitors, library, resources: { ...resources, wire } }),
      createCluster: (options) => {
        const cluster = createCpuCluster({
          ...options,
          ...(engine === undefined ? {} : { lentBytes: engine.lentBytes }),
          ...(translate === false ? {} : { translation }),
          ...(coverage === undefined
            ? {}
            : { onFirstExecution: (vcpu: number, pc: bigint) => this.executed?.add(vcpu, pc) }),
        });
        engine?.begin(cluster.memory);
        return cluster;
      },
      trapsWfi: library === 'libvmm',
      keepsTimerInterrupts: library === 'libvmm',
      onFrame: (frame) => this.onFrame?.(frame),
      onOutput: (uart, byte) => this.consoles.sent(uart, byte),
      onEvent: (event) => {
        this.#tracer?.heard(event);
        this.onEvent(event);
      },
      machine: {
        disks: disks.inDevices,
        ...(registerSeeds === undefined ? {} : { registerSeeds }),
        ...(clock === 'real'
          ? { createTime: (frequencyHz: number) => new RealTime({ frequencyHz, nowMs: () => host.nowMs() }) }
          : {}),
      },
    });
    this.consoles = new Consoles({
      board,
      description,
      guestTrees: new Map([...payloads].map(([vm, { tree }]) => [vm, tree])),
      onByte: (source, byte) => this.onByte(source, byte),
      type: (bytes, uart) => this.session.type(bytes, uart),
      switchByteOf: (receiver) => shared.consoles.get(receiver)?.switchByte,
      ...(until === undefined ? {} : { until }),
    });
    const startMs = host.nowMs();
    this.report = new RunReport(inputs, this.session, this.consoles, () => (host.nowMs() - startMs) / 1000);
    this.executed =
      coverage === undefined ? undefined : new ExecutedInstructions(this.session, this.report.names);
  }

  /** What was translated, for later runs; `undefined` where they would gain little. */
  get translations(): Uint8Array | undefined {
    return this.session.kernel.cluster.translations();
  }

  /** Traces the run, once it is asked to. */
  get tracer(): Tracer {
    const { payloads, symbolsOf } = this.#inputs;
    const guests = [...payloads].map(
      ([vm, { tree, images }]) =>
        [vm, { tree, watcher: images.watcher ?? {}, symbols: () => symbolsOf(vm) }] as const,
    );
    this.#tracer ??= new Tracer({
      session: this.session,
      names: this.report.names,
      guests: new Map(guests),
    });
    return this.#tracer;
  }
}
