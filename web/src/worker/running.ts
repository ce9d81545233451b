/** A system that runs: driven in pieces, with the page told of what it says and does. */
import { DiagnosticSink, type Host, type Wake, wakeUp } from '../../../src/base/index.ts';
import { accountOf, drive, type RunAccount, type RunEnd } from '../../../src/run/index.ts';
import { Run, type RunInputs } from '../../../src/workspace/index.ts';
import type { WorkerEvent } from './protocol.ts';

/** How often the page hears how the run stands, and its account. */
const STATUS_MS = 250;
const ACCOUNT_MS = 1000;
/** Of fewer a speed would say more of the clock than of the guest. */
const MEASURED_INSTRUCTIONS = 2e6;
/** How often its findings: they are looked for in the kernel's log too. */
const FINDINGS_MS = 4000;

/** One run from power-on to its end. */
export class Running {
  readonly run: Run;
  readonly #host: Host;
  readonly #tell: (event: WorkerEvent) => void;
  readonly #wake: Wake = { onWake: undefined, pending: false };
  /** What each console has said and the page not heard. */
  readonly #said = new Map<number, number[]>();
  #consolesTold = 0;
  #isPaused = false;
  #isLeaving = false;
  #isIdle = false;
  #end: RunEnd | undefined;
  #activeMs = 0;
  #turnMs: number;
  #statusMs = 0;
  #accountMs = 0;
  #findingsMs = 0;
  /** vCPUs that stood in a fault when findings were last told. */
  #faults = 0;
  #lastActiveMs = 0;
  #lastInstructions = 0;
  #mips = 0;

  constructor(host: Host, inputs: RunInputs, tell: (event: WorkerEvent) => void) {
    this.#host = host;
    // Whoever was told to stop is not heard any more: another may run.
    this.#tell = (event) => {
      if (!this.#isLeaving) tell(event);
    };
    this.run = new Run(host, inputs);
    this.#turnMs = host.nowMs();
    this.run.onByte = (source, byte) => {
      const said = this.#said.get(source);
      if (said === undefined) this.#said.set(source, [byte]);
      else said.push(byte);
    };
  }

  /** Comes back when the run is over. */
  async go(): Promise<void> {
    const pausing = {
      nowMs: () => this.#host.nowMs(),
      pause: async (ms: number, wake?: Wake) => {
        this.#rest(ms > 0);
        await this.#host.pause(ms, wake);
        this.#turnMs = this.#host.nowMs();
      },
    };
    this.#tellAll();
    this.#end = await drive(this.run.session, pausing, {
      pace: 'paced',
      attended: () => true,
      wake: this.#wake,
      isHeld: () => this.#isPaused,
      leave: () => this.#isLeaving,
    });
    if (!this.#isLeaving) this.#tellAll();
  }

  type(source: number, bytes: Uint8Array): void {
    const { consoles } = this.run;
    if (!consoles.focusOn(source)) return;
    consoles.type([...bytes]);
    wakeUp(this.#wake);
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    wakeUp(this.#wake);
    this.#tellAll();
  }

  /** One turn of a vCPU. */
  step(): void {
    let isDone = false;
    this.run.session.run(() => {
      const wasDone = isDone;
      isDone = true;
      return wasDone;
    });
    this.#tellAll();
  }

  stop(): void {
    this.#isLeaving = true;
    wakeUp(this.#wake);
  }

  /** The guest rests: the page hears what it has not heard. */
  #rest(isIdle: boolean): void {
    const nowMs = this.#host.nowMs();
    this.#activeMs += nowMs - this.#turnMs;
    this.#isIdle = isIdle;
    this.#flush();
    if (nowMs - this.#statusMs >= STATUS_MS) this.#tellStatus(nowMs);
    if (nowMs - this.#accountMs >= ACCOUNT_MS) this.#tellAccount(nowMs);
  }

  #flush(): void {
    const { sources } = this.run.consoles;
    if (sources.length !== this.#consolesTold) {
      this.#consolesTold = sources.length;
      const consoles = sources.map(({ name }, source) => ({ source, name }));
      this.#tell({ kind: 'consoles', consoles });
    }
    for (const [source, bytes] of this.#said)
      this.#tell({ kind: 'said', source, bytes: Uint8Array.from(bytes) });
    this.#said.clear();
  }

  #tellAll(): void {
    this.#flush();
    const nowMs = this.#host.nowMs();
    this.#tellStatus(nowMs);
    this.#tellAccount(nowMs);
  }

  #tellStatus(nowMs: number): void {
    this.#statusMs = nowMs;
    const { kernel, machine } = this.run.session;
    const instructions = kernel.vcpus().reduce((sum, { cpu }) => sum + cpu.retired, 0);
    const activeMs = this.#activeMs - this.#lastActiveMs;
    if (instructions - this.#lastInstructions > MEASURED_INSTRUCTIONS) {
      this.#mips = (instructions - this.#lastInstructions) / 1e3 / activeMs;
    }
    this.#lastActiveMs = this.#activeMs;
    this.#lastInstructions = instructions;
    const state = this.#end !== undefined ? 'ended' : this.#isPaused ? 'paused' : 'running';
    this.#tell({
      kind: 'status',
      status: {
        state,
        ...(this.#end === undefined ? {} : { end: this.#end }),
        isIdle: this.#isIdle,
        guestSeconds: machine.time.nowNs / 1e9,
        instructions,
        mips: this.#mips,
      },
    });
  }

  /** Where program counters point to is worth the symbols' reading only while the guest stands. */
  #tellAccount(nowMs: number): void {
    const { session, report } = this.run;
    const stands = this.#end !== undefined || this.#isPaused;
    this.#accountMs = nowMs;
    const account = accountOf(session, this.#activeMs / 1000, stands ? report.names : undefined);
    this.#tell({ kind: 'account', account });
    const isDue = stands || nowMs - this.#findingsMs >= FINDINGS_MS || this.#faults !== faultsOf(account);
    if (!isDue) return;
    this.#findingsMs = nowMs;
    this.#faults = faultsOf(account);
    const sink = new DiagnosticSink();
    report.diagnose(sink);
    this.#tell({ kind: 'findings', findings: sink.sorted() });
  }
}

/** How many vCPUs have stopped in a fault. */
function faultsOf({ vcpus }: RunAccount): number {
  return vcpus.filter(({ state }) => state === 'faulted').length;
}
