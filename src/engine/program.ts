/**
 * A program that runs in the engine: Microkit's entry points are calls of the functions that its script leaves in `domain`, as
 * `runtime/sel4/domain.c` makes them. What nothing in the script catches ends the program, and so do an endless loop and a full heap or stack.
 */
import { keptPages, Refusal, type Saved } from '../base/index.ts';
import {
  type DirectAnswers,
  directAnswers,
  type EmbeddedDomain,
  type EmbeddedLayout,
  faultWords,
  readProtected,
  UNKNOWN_SYSCALL,
  USER_EXCEPTION,
  writeProtected,
} from '../embedded/index.ts';
import { type Fault, type Message, type Microkit, type Program, ProgramError } from '../sel4/index.ts';
import {
  type GuestImages,
  ONLY_WORD,
  VM_FAULT_ADDR,
  VM_FAULT_FSR,
  VM_FAULT_IP,
  VM_FAULT_PREFETCH,
} from '../vmm/index.ts';
import { Engine, type EngineClient } from './engine.ts';
import { DomainNatives, FAULT_LABELS, type LentMemory, VCPU_REGISTERS } from './natives.ts';
import { EngineAbort, type Pointer } from './quickjs-build.ts';
import type { ScriptPlaces } from './source-map.ts';

/** A script and whose it is. */
export interface EngineScript {
  readonly layout: EmbeddedLayout;
  readonly text: string;
  readonly places: ScriptPlaces;
}

/**
 * The engine looks up every ten thousand turns of a loop or calls of a function; so many of these are an endless loop. A monitor that works so
 * long at a time keeps its guest from everything else.
 */
const LOOKS_LIMIT = 500;
const TURNS_PER_LOOK = 10_000;
/** Calls of natives in one go. */
const CALLS_LIMIT = 1 << 16;
const CALLS_PER_ERROR = 64;
const EVALUATE_GLOBAL = 0;
const ENTRIES = [
  'init',
  'notified',
  'protected',
  'fault',
  'restart',
] as const satisfies readonly (keyof EmbeddedDomain)[];
/** Of an argument list, whose pointers lie one after the other. */
const POINTER_BYTES = 4;
const MAX_ARGUMENTS = 2;

const NO_NATIVES = 'globalThis.natives={}';
/** Makes of the raw functions what C makes of them on seL4: words of 64 bits come and go as `bigint`, by memory. */
const PRELUDE = `(()=>{const n=natives,w=new BigUint64Array(n.scratch),{readReg,writeReg}=n;delete n.scratch;
n.readReg=(v,r)=>{readReg(v,r);return w[0]};n.writeReg=(v,r,x)=>{w[0]=BigInt(x);writeReg(v,r)};
n.faultLabels=${JSON.stringify(FAULT_LABELS)};
n.vcpuRegs=${JSON.stringify(Object.fromEntries(VCPU_REGISTERS.map((name, number) => [name, number])))}})()`;

/** How much of {@link EngineSize.placedBytes} a program takes. */
export function placedBytes({ text }: EngineScript, images: GuestImages): number {
  const { kernel, dtb, initrd } = images;
  const texts = [text, PRELUDE, NO_NATIVES].map((each) => new TextEncoder().encode(each));
  const placed = [...texts, kernel, dtb, ...(initrd === undefined ? [] : [initrd])];
  return placed.reduce((sum, { length }) => sum + Engine.placedBytes(length), 0);
}

/** One domain's program in the engine. */
export class EngineProgram implements Program, EngineClient {
  readonly name: string;
  readonly #engine: Engine;
  readonly #script: EngineScript;
  readonly #microkit: Microkit;
  readonly #natives: DomainNatives;
  readonly #calls: DomainNatives['calls'][keyof DomainNatives['calls']][];
  readonly #message: BigUint64Array;
  readonly #direct: DirectAnswers;
  readonly #arguments: Pointer;
  readonly #lent = new Map<string, Pointer>();
  readonly #entries = new Map<(typeof ENTRIES)[number], Pointer>();
  #runtime: Pointer = 0;
  #context: Pointer = 0;
  #domain: Pointer = 0;
  #looks = 0;
  #called = 0;
  /** The engine's memory is every program's; the first one keeps it. */
  readonly saved: Saved | undefined;

  constructor(
    engine: Engine,
    script: EngineScript,
    microkit: Microkit,
    images: GuestImages,
    keepsMemory: boolean,
  ) {
    this.name = microkit.name;
    this.#engine = engine;
    this.#script = script;
    this.#microkit = microkit;
    this.#natives = new DomainNatives(engine, microkit, script.layout, images);
    this.#calls = Object.values(this.#natives.calls);
    this.#arguments = engine.reserve(MAX_ARGUMENTS * POINTER_BYTES);
    const { faults, vgic } = this.#natives.memory;
    const buffer = engine.bytes.buffer as ArrayBuffer;
    this.#message = faultWords(buffer, faults.start).message;
    this.#direct = directAnswers(
      {
        injectIrq: (vcpu, irq, priority, group, index) =>
          microkit.vcpuArmInjectIrq(vcpu, irq, priority, group === 0 ? 0 : 1, index),
        ackVppi: (vcpu, irq) => microkit.vcpuArmAckVppi(vcpu, irq),
        irqAck: (channel) => microkit.irqAck(channel),
        timerControl: (vcpu) => Number(microkit.vcpuRegisters(vcpu).system('CNTV_CTL_EL0')),
        acknowledge() {
          throw new ProgramError('an acknowledgement of the script’s came here');
        },
        readContext: (vcpu) => {
          this.#natives.readContext(vcpu);
          return true;
        },
        writeContext: (vcpu) => {
          this.#natives.writeContext(vcpu);
          return true;
        },
      },
      { buffer, faults: faults.start, vgic: vgic.start },
    );
    microkit.onGuestRestart(() => this.#enter('restart', []));
    if (keepsMemory) this.saved = keptPages(engine.state);
  }

  init(): void {
    this.#start();
    this.#enter('init', []);
  }

  notified(channel: number): void {
    if (!this.#direct.notified(channel)) this.#enter('notified', [channel]);
  }

  protected(channel: number, message: Message): Message {
    writeProtected(this.#message, message);
    this.#enter('protected', [channel]);
    return readProtected(this.#message);
  }

  fault(child: number, fault: Fault): boolean {
    writeMessage(this.#message, fault);
    return this.#direct.fault(fault.label, child) || this.#enter('fault', [child, FAULT_LABELS[fault.label]]);
  }

  // ---- What the engine asks ----

  isInterrupted(): boolean {
    this.#looks += 1;
    return this.#isEndless;
  }

  get #isEndless(): boolean {
    return this.#looks > LOOKS_LIMIT || this.#called > CALLS_LIMIT || this.#natives.hasSaidTooMuch;
  }

  callFunction(context: Pointer, _self: Pointer, argc: number, argv: Pointer, id: number): Pointer {
    const { functions: js } = this.#engine;
    const argument = (index: number): Pointer => (index < argc ? js.argument(argv, index) : js.undefined());
    this.#called += 1;
    try {
      const result = this.#calls[id]?.({
        number: (index) => whole(js.getNumber(context, argument(index))),
        text: (index) => this.#text(argument(index)),
      });
      return result === undefined ? 0 : this.#value(result);
    } catch (error) {
      if (!(error instanceof Refusal) || error instanceof EngineAbort) throw error;
      // An error with its stack takes far longer than a call.
      this.#called += CALLS_PER_ERROR;
      return this.#thrown(error.message);
    }
  }

  #value(result: number | LentMemory): Pointer {
    const { functions: js } = this.#engine;
    return typeof result === 'number'
      ? js.newNumber(this.#context, result)
      : js.duplicate(this.#context, this.#buffer(result));
  }

  /** Held for ever: the engine would give its memory back to the heap, of which it is not. */
  #buffer({ start, sizeBytes }: LentMemory): Pointer {
    const key = `${start} ${sizeBytes}`;
    const known = this.#lent.get(key);
    if (known !== undefined) return known;
    const made = this.#engine.functions.newArrayBuffer(this.#context, start, sizeBytes);
    this.#lent.set(key, made);
    return made;
  }

  #thrown(message: string): Pointer {
    const { functions: js } = this.#engine;
    const error = js.newError(this.#context);
    this.#setText(error, 'message', message);
    const thrown = js.throwValue(this.#context, error);
    js.freeValue(this.#context, error);
    return thrown;
  }

  // ---- Entering it ----

  #start(): void {
    const engine = this.#engine;
    const { functions: js } = engine;
    const made = engine.newContext(this);
    if (made === undefined) throw new ProgramError('there is no memory for the engine');
    this.#runtime = made.runtime;
    this.#context = made.context;
    this.#guarded(() => {
      const global = js.globalObject(this.#context);
      const natives = this.#evaluate(NO_NATIVES, this.name);
      for (const [id, name] of Object.keys(this.#natives.calls).entries())
        this.#set(natives, name, js.newFunction(this.#context, engine.passingText(name), 0, 0, id));
      this.#setText(natives, 'name', this.name);
      for (const [name, memory] of Object.entries(this.#natives.memory))
        this.#set(natives, name, js.duplicate(this.#context, this.#buffer(memory)));
      this.#evaluate(PRELUDE, this.name);
      this.#evaluate(this.#script.text, this.name);
      this.#domain = js.getProperty(this.#context, global, this.#key('domain'));
      for (const name of ENTRIES)
        this.#entries.set(name, js.getProperty(this.#context, this.#domain, this.#key(name)));
    });
  }

  #enter(name: (typeof ENTRIES)[number], given: readonly number[]): boolean {
    const { functions: js } = this.#engine;
    return this.#guarded(() => {
      const values = given.map((value) => js.newNumber(this.#context, value));
      for (const [index, value] of values.entries())
        this.#engine.setWord(this.#arguments + index * POINTER_BYTES, value);
      const entry = this.#entries.get(name) ?? js.undefined();
      const result = this.#checked(
        js.call(this.#context, entry, this.#domain, values.length, this.#arguments),
      );
      const answer = js.getNumber(this.#context, result) === 1;
      for (const value of [...values, result]) js.freeValue(this.#context, value);
      return answer;
    });
  }

  #evaluate(text: string, name: string): Pointer {
    const { functions: js } = this.#engine;
    const code = new TextEncoder().encode(text);
    const at = this.#engine.place(code);
    return this.#checked(
      js.evaluate(this.#context, at, code.length, this.#engine.passingText(name), 0, EVALUATE_GLOBAL),
    );
  }

  #guarded<T>(body: () => T): T {
    this.#begin();
    try {
      return this.#engine.enter(this.#runtime, body);
    } catch (error) {
      // JavaScript's own stack, on which the engine's frames are.
      if (error instanceof RangeError && error.message.includes('call stack'))
        throw new ProgramError('its stack is full');
      if (error instanceof EngineAbort) throw new ProgramError(error.message);
      throw error;
    }
  }

  #begin(): void {
    this.#looks = 0;
    this.#called = 0;
    this.#natives.begin();
  }

  /** Throws what the script threw. */
  #checked(value: Pointer): Pointer {
    const { functions: js } = this.#engine;
    const exception = js.resolveException(this.#context, value);
    if (exception === 0) return value;
    throw this.#stoppedBy(exception);
  }

  #stoppedBy(exception: Pointer): ProgramError {
    const { functions: js } = this.#engine;
    const isEndless = this.#isEndless;
    // What is said of it is asked of the script's own objects, which gets time for it.
    this.#looks = 0;
    this.#called = 0;
    // The engine throws null where there is no memory for an error.
    const text = this.#text(exception);
    const said = text === '' || text === 'null' ? 'out of memory' : text;
    const trace = js.getProperty(this.#context, exception, this.#key('stack'));
    const stack = this.#script.places.translated(this.#text(trace), this.name);
    this.#microkit.dbgPuts(`stopped by an exception: ${said}\n${stack}`);
    const where = this.#script.places.first(this.#text(trace), this.name);
    const reason = isEndless
      ? `it was in a loop for more than ${(LOOKS_LIMIT * TURNS_PER_LOOK).toLocaleString('en')} turns`
      : said;
    return new ProgramError(where === undefined ? reason : `${reason}, at ${where}`);
  }

  // ---- Texts ----

  #text(value: Pointer): string {
    const { functions: js } = this.#engine;
    const at = js.getString(this.#context, value);
    if (at === 0) return '';
    const text = this.#engine.textAt(at);
    js.freeString(this.#context, at);
    return text;
  }

  #key(name: string): Pointer {
    return this.#engine.functions.newString(this.#context, this.#engine.passingText(name));
  }

  #set(object: Pointer, name: string, value: Pointer): void {
    this.#engine.functions.setProperty(this.#context, object, this.#key(name), value);
  }

  #setText(object: Pointer, name: string, text: string): void {
    this.#set(object, name, this.#key(text));
  }
}

const whole = (value: number): number => (Number.isFinite(value) ? Math.trunc(value) : 0);

/** A fault as its message has it. */
function writeMessage(words: BigUint64Array, fault: Fault): void {
  switch (fault.label) {
    case 'VMFault':
      words[VM_FAULT_IP] = fault.ip;
      words[VM_FAULT_ADDR] = BigInt(fault.addr);
      words[VM_FAULT_PREFETCH] = fault.prefetchFault ? 1n : 0n;
      words[VM_FAULT_FSR] = BigInt(fault.fsr >>> 0);
      return;
    case 'VCPUFault':
      words[ONLY_WORD] = BigInt(fault.hsr >>> 0);
      return;
    case 'VPPIEvent':
      words[ONLY_WORD] = BigInt(fault.irq);
      return;
    case 'VGICMaintenance':
      words[ONLY_WORD] = BigInt(fault.index);
      return;
    case 'UnknownSyscall':
      words[UNKNOWN_SYSCALL.FaultIP] = fault.faultIp;
      words[UNKNOWN_SYSCALL.Syscall] = fault.syscall;
      return;
    case 'UserException':
      words[USER_EXCEPTION.FaultIP] = fault.faultIp;
      words[USER_EXCEPTION.Number] = BigInt(fault.number);
      words[USER_EXCEPTION.Code] = BigInt(fault.code);
  }
}
