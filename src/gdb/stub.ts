/**
 * One client of GDB's remote protocol (GDB manual, appendix E) at a debugger: packets in, packets out. What it does not know it
 * answers with an empty packet, as the protocol has it. All-stop: everything stands still, or nothing does.
 */
import type { Debugger, Halt } from '../run/index.ts';
import type { Files } from './files.ts';
import {
  bytesOfHex,
  bytesOfLatin1,
  hexOfBytes,
  hexOfText,
  hexOfValue,
  numberOfHex,
  textOfHex,
  valueOfHex,
} from './hex.ts';
import { encodePacket, PACKET_LIMIT_BYTES, PacketReader } from './packets.ts';
import { POINT, Points, type PointType } from './points.ts';
import { GROUP_COUNT, REGISTERS, targetDescription } from './registers.ts';
import { type Thread, Threads } from './threads.ts';

/** What a client needs of a debugger. */
type DebuggerPort = Pick<
  Debugger,
  | 'guests'
  | 'canGoBack'
  | 'onHalt'
  | 'halt'
  | 'go'
  | 'setPoints'
  | 'changed'
  | 'read'
  | 'readPhysical'
  | 'write'
  | 'writePhysical'
>;

/** The debugger, the files and words for one client, and the way back to it. */
export interface StubOptions {
  readonly debugger: DebuggerPort;
  readonly files: Files;
  /** What `monitor` asks for; gives what is to be shown. */
  readonly command: (line: string) => string;
  readonly send: (bytes: Uint8Array) => void;
  /** The session is to go on, or there is something to be done while it stands still. */
  readonly wake: () => void;
  /** The client has let go: the run goes on without it. */
  readonly detached: () => void;
  /** The client wants the run to end. */
  readonly killed: () => void;
}

const [BAD_REQUEST, NO_MEMORY_THERE, TOO_MANY] = ['E16', 'E0e', 'E1c'];
const [SIGINT, SIGTRAP] = [2, 5];
/** What one packet may ask of memory. */
const MEMORY_LIMIT_BYTES = PACKET_LIMIT_BYTES / 2 - 0x20;
const OK = 'OK';
const UNKNOWN = '';

/** One client's side of the protocol: bytes in, packets out by `send`. */
export class Stub {
  readonly #options: StubOptions;
  readonly #reader = new PacketReader();
  readonly #threads: Threads;
  readonly #points = new Map<string, Points>();
  #acknowledges = true;
  #knowsReasons = new Set<string>();
  #isPhysical = false;
  /** Whose registers and memory are meant. */
  #thread: Thread | undefined;
  /** The client waits for the stop. */
  #isGoing = false;

  constructor(options: StubOptions) {
    this.#options = options;
    this.#threads = new Threads(options.debugger.guests);
    options.debugger.onHalt = (halt) => this.#halted(halt);
    options.debugger.halt();
  }

  take(bytes: Uint8Array): void {
    for (const arrival of this.#reader.take(bytes)) {
      if (arrival.kind === 'interrupt') this.#interrupt();
      else if (arrival.kind === 'damaged') this.#acknowledge('-');
      else {
        this.#acknowledge('+');
        const answer = this.#answer(arrival.body);
        if (answer !== undefined) this.#send(answer);
      }
    }
  }

  /** The run is over: a client that waits is told. */
  ended(): void {
    if (this.#isGoing) this.#send(this.#threads.areProcesses ? 'W00;process:1' : 'W00');
    this.#isGoing = false;
  }

  #acknowledge(sign: '+' | '-'): void {
    if (this.#acknowledges) this.#options.send(bytesOfLatin1(sign));
  }

  #send(body: string): void {
    this.#options.send(encodePacket(body));
  }

  get #debugger(): DebuggerPort {
    return this.#options.debugger;
  }

  #interrupt(): void {
    const wasGoing = this.#isGoing;
    const halt = this.#debugger.halt();
    // On a way back that is broken off, its own end tells.
    if (wasGoing && halt.why.reason === 'asked') this.#halted(halt);
    this.#options.wake();
  }

  #halted(halt: Halt): void {
    if (!this.#isGoing) return;
    this.#isGoing = false;
    this.#send(this.#stopReply(halt));
  }

  #stopReply({ vcpu, why }: Halt): string {
    const stopped = this.#threads.of(vcpu);
    const { shown } = this.#threads;
    // Where it happens to stand when somebody asks need not be of the client's.
    const thread = stopped !== undefined && shown.includes(stopped) ? stopped : shown[0];
    if (thread === undefined) return 'S05';
    this.#thread = thread;
    const signal = (why.reason === 'asked' ? SIGINT : SIGTRAP).toString(16).padStart(2, '0');
    return `T${signal}thread:${this.#threads.idOf(thread)};${this.#reasonOf(thread, why)}`;
  }

  #reasonOf({ guest, vcpu }: Thread, why: Halt['why']): string {
    const points = this.#pointsOf(guest.name);
    if (why.reason === 'beginning') return 'replaylog:begin;';
    if (why.reason === 'watchpoint') {
      const kind = points.watchpointOf(why.va, why.write);
      const name = kind === POINT.read ? 'rwatch' : kind === POINT.access ? 'awatch' : 'watch';
      return `${name}:${why.va.toString(16)};`;
    }
    if (why.reason !== 'breakpoint') return '';
    const name = points.breakpointAt(vcpu.cpu.pc) === POINT.hardware ? 'hwbreak' : 'swbreak';
    return this.#knowsReasons.has(name) ? `${name}:;` : '';
  }

  #pointsOf(guest: string): Points {
    const known = this.#points.get(guest) ?? new Points();
    this.#points.set(guest, known);
    return known;
  }

  get #current(): Thread | undefined {
    return this.#thread ?? this.#threads.shown[0];
  }

  /** `undefined`: the answer is the stop that comes. */
  #answer(body: string): string | undefined {
    const rest = body.slice(1);
    switch (body[0]) {
      case '?':
        return this.#stopReply(this.#debugger.halt());
      case 'g':
        return this.#registers();
      case 'G':
        return this.#setRegisters(rest);
      case 'p':
        return this.#register(rest);
      case 'P':
        return this.#setRegister(rest);
      case 'm':
        return this.#read(rest);
      case 'M':
      case 'X':
        return this.#write(rest, body[0] === 'X');
      case 'c':
      case 's':
        return this.#goOn(body[0] === 's' ? this.#current : undefined);
      case 'b':
        return this.#goBack(rest);
      case 'Z':
      case 'z':
        return this.#point(rest, body[0] === 'Z');
      case 'H':
        return this.#choose(rest);
      case 'T':
        return this.#threads.parse(rest) === undefined ? BAD_REQUEST : OK;
      case 'D':
        return this.#detach(rest);
      case 'k':
        this.#options.killed();
        return undefined;
      case '!':
        return OK;
      case 'v':
        return this.#named(body);
      case 'q':
      case 'Q':
        return this.#query(body);
      default:
        return UNKNOWN;
    }
  }

  #choose(rest: string): string {
    const thread = this.#threads.parse(rest.slice(1));
    if (thread === undefined) return BAD_REQUEST;
    if (rest[0] === 'g') this.#thread = thread;
    return OK;
  }

  #registers(): string {
    const cpu = this.#current?.vcpu.cpu;
    if (cpu === undefined) return BAD_REQUEST;
    return REGISTERS.slice(0, GROUP_COUNT)
      .map(({ get, sizeBytes }) => hexOfValue(get(cpu), sizeBytes))
      .join('');
  }

  #setRegisters(digits: string): string {
    const cpu = this.#current?.vcpu.cpu;
    const group = REGISTERS.slice(0, GROUP_COUNT);
    const total = group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (cpu === undefined || bytesOfHex(digits)?.length !== total) return BAD_REQUEST;
    let at = 0;
    for (const { set, sizeBytes } of group) {
      set(cpu, valueOfHex(digits.slice(2 * at, 2 * (at + sizeBytes))) ?? 0n);
      at += sizeBytes;
    }
    this.#debugger.changed();
    return OK;
  }

  #register(rest: string): string {
    const register = REGISTERS[Number(numberOfHex(rest) ?? -1n)];
    const cpu = this.#current?.vcpu.cpu;
    if (register === undefined || cpu === undefined) return BAD_REQUEST;
    return hexOfValue(register.get(cpu), register.sizeBytes);
  }

  #setRegister(rest: string): string {
    const [number, digits = ''] = rest.split('=');
    const register = REGISTERS[Number(numberOfHex(number) ?? -1n)];
    const value = valueOfHex(digits);
    const cpu = this.#current?.vcpu.cpu;
    if (register === undefined || cpu === undefined || value === undefined) return BAD_REQUEST;
    if (digits.length !== 2 * register.sizeBytes) return BAD_REQUEST;
    register.set(cpu, value);
    this.#debugger.changed();
    return OK;
  }

  #read(rest: string): string {
    const [address, size] = rest.split(',').map(numberOfHex);
    const vcpu = this.#current?.vcpu;
    if (address === undefined || size === undefined || vcpu === undefined) return BAD_REQUEST;
    const count = Math.min(Number(size), MEMORY_LIMIT_BYTES);
    const bytes = this.#isPhysical
      ? this.#debugger.readPhysical(vcpu, Number(address), count)
      : this.#debugger.read(vcpu, address, count);
    return bytes.length === 0 && count > 0 ? NO_MEMORY_THERE : hexOfBytes(bytes);
  }

  #write(rest: string, isBinary: boolean): string {
    const colon = rest.indexOf(':');
    const [address, size] = rest.slice(0, colon).split(',').map(numberOfHex);
    const content = isBinary ? bytesOfLatin1(rest.slice(colon + 1)) : bytesOfHex(rest.slice(colon + 1));
    const vcpu = this.#current?.vcpu;
    if (colon < 0 || address === undefined || content === undefined || vcpu === undefined) return BAD_REQUEST;
    if (content.length !== Number(size)) return BAD_REQUEST;
    // Nothing is asked for to find out whether this kind of packet is known.
    if (content.length === 0) return OK;
    const isDone = this.#isPhysical
      ? this.#debugger.writePhysical(vcpu, Number(address), content)
      : this.#debugger.write(vcpu, address, content);
    return isDone ? OK : NO_MEMORY_THERE;
  }

  #goOn(stepped: Thread | undefined): undefined {
    this.#isGoing = true;
    this.#debugger.go(stepped === undefined ? { kind: 'continue' } : { kind: 'step', vcpu: stepped.vcpu });
    this.#options.wake();
  }

  #goBack(rest: string): string | undefined {
    const vcpu = this.#current?.vcpu;
    if (!this.#debugger.canGoBack || vcpu === undefined || !['s', 'c'].includes(rest)) return UNKNOWN;
    this.#isGoing = true;
    this.#debugger.go(rest === 's' ? { kind: 'back-step', vcpu } : { kind: 'back' });
    this.#options.wake();
    return undefined;
  }

  #point(rest: string, isSet: boolean): string {
    const [typeDigit = '', address, kind] = (rest.split(';')[0] ?? '').split(',');
    const va = numberOfHex(address);
    const size = numberOfHex(kind);
    const type = Object.values(POINT).find((each) => `${each}` === typeDigit) as PointType | undefined;
    const guest = this.#current?.guest;
    if (type === undefined) return UNKNOWN;
    if (va === undefined || size === undefined || guest === undefined) return BAD_REQUEST;
    const points = this.#pointsOf(guest.name);
    const point = { type, va, sizeBytes: Number(size) };
    if (!isSet) points.remove(point);
    else if (!points.add(point)) return TOO_MANY;
    this.#debugger.setPoints(guest, points.all);
    return OK;
  }

  #detach(rest: string): string {
    const processId = Number(numberOfHex(rest.slice(1)) ?? 1n);
    this.#threads.attached.delete(processId);
    const guest = this.#threads.guestOf(processId);
    if (guest !== undefined) {
      this.#points.delete(guest.name);
      this.#debugger.setPoints(guest, this.#pointsOf(guest.name).all);
    }
    if (this.#threads.attached.size === 0 || !this.#threads.areProcesses) this.#options.detached();
    return OK;
  }

  #named(body: string): string | undefined {
    if (body === 'vCont?') return 'vCont;c;C;s;S';
    if (body.startsWith('vCont;')) return this.#continueAs(body.slice('vCont;'.length));
    if (body.startsWith('vFile:')) return this.#options.files.answer(body.slice('vFile:'.length));
    if (body.startsWith('vAttach;')) return this.#attach(body.slice('vAttach;'.length));
    if (!body.startsWith('vKill')) return UNKNOWN;
    this.#options.killed();
    return OK;
  }

  /** The first thread that is to step, steps; what else is said of threads is that they go on, as they do. */
  #continueAs(actions: string): string | undefined {
    for (const action of actions.split(';')) {
      const [, verb = '', id = ''] = /^([sScC])(?:[0-9a-f]{2})?(?::(.*))?$/i.exec(action) ?? [];
      if (verb === '') return BAD_REQUEST;
      if (verb.toLowerCase() !== 's') continue;
      const thread = id === '' ? this.#current : this.#threads.parse(id);
      return thread === undefined ? BAD_REQUEST : this.#goOn(thread);
    }
    return this.#goOn(undefined);
  }

  #attach(rest: string): string {
    const processId = Number(numberOfHex(rest) ?? 0n);
    const thread = this.#threads.all.find((each) => each.processId === processId);
    if (thread === undefined) return BAD_REQUEST;
    this.#threads.attached.add(processId);
    return this.#stopReply({ vcpu: thread.vcpu, why: { reason: 'asked' } });
  }

  #query(body: string): string | undefined {
    const [name = '', ...rest] = body.split(/[:,]/);
    const parameters = body.slice(name.length + 1);
    switch (name) {
      case 'qSupported':
        return this.#supported(parameters);
      case 'QStartNoAckMode':
        this.#acknowledges = false;
        return OK;
      case 'qC':
        return this.#current === undefined ? UNKNOWN : `QC${this.#threads.idOf(this.#current)}`;
      case 'qAttached':
        return '1';
      case 'qfThreadInfo':
        return `m${this.#threads.shown.map((thread) => this.#threads.idOf(thread)).join(',')}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qThreadExtraInfo':
        return this.#describe(this.#threads.parse(parameters));
      case 'qSymbol':
        return OK;
      case 'qHostInfo':
        return `triple:${hexOfText('aarch64-unknown-linux')};endian:little;ptrsize:8;`;
      case 'qProcessInfo':
        return `pid:1;triple:${hexOfText('aarch64-unknown-linux')};endian:little;ptrsize:8;`;
      // As QEMU has it.
      case 'qqemu.PhyMemMode':
        return this.#isPhysical ? '1' : '0';
      case 'Qqemu.PhyMemMode':
        this.#isPhysical = rest[0] === '1';
        return OK;
      case 'qRcmd':
        return this.#command(textOfHex(parameters) ?? '');
      case 'qXfer':
        return this.#transfer(rest);
      default:
        return UNKNOWN;
    }
  }

  #supported(features: string): string {
    const known = new Set(features.split(';'));
    this.#knowsReasons = new Set(['swbreak', 'hwbreak'].filter((reason) => known.has(`${reason}+`)));
    this.#threads.areProcesses = known.has('multiprocess+');
    return [
      `PacketSize=${PACKET_LIMIT_BYTES.toString(16)}`,
      'QStartNoAckMode+',
      'multiprocess+',
      'vContSupported+',
      'swbreak+',
      'hwbreak+',
      'qXfer:features:read+',
      'qXfer:exec-file:read+',
      ...(this.#debugger.canGoBack ? ['ReverseStep+', 'ReverseContinue+'] : []),
    ].join(';');
  }

  #describe(thread: Thread | undefined): string {
    if (thread === undefined) return BAD_REQUEST;
    const { guest, vcpu } = thread;
    return hexOfText(`vCPU ${vcpu.id} of ${guest.name}, ${vcpu.runState}`);
  }

  #command(line: string): string {
    const physical = /^physical (on|off)$/.exec(line.trim())?.[1];
    if (physical !== undefined) this.#isPhysical = physical === 'on';
    const answer = physical === undefined ? this.#options.command(line) : '';
    return answer === '' ? OK : hexOfText(answer);
  }

  #transfer([object, operation, annex = '', offset, size]: readonly (string | undefined)[]): string {
    const [from, count] = [numberOfHex(offset), numberOfHex(size)];
    if (operation !== 'read') return UNKNOWN;
    if (from === undefined || count === undefined) return BAD_REQUEST;
    const content = this.#object(object, annex);
    if (content === undefined) return UNKNOWN;
    const [start, end] = [Number(from), Number(from) + Math.min(Number(count), MEMORY_LIMIT_BYTES)];
    return `${end >= content.length ? 'l' : 'm'}${content.slice(start, end)}`;
  }

  #object(name: string | undefined, annex: string): string | undefined {
    if (name === 'features') return annex === 'target.xml' ? targetDescription() : undefined;
    if (name !== 'exec-file') return undefined;
    const processId = annex === '' ? 1 : Number(numberOfHex(annex) ?? 0n);
    const guest = this.#threads.guestOf(processId);
    return guest === undefined ? undefined : this.#options.files.pathOf(guest.name);
  }
}
