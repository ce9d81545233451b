/** Words about a run as it stands: the same at the console's prompt (Ctrl-A :), in gdb (`monitor`) and in scripts (`script.monitor`). */
import { attempt, parseSize, Refusal } from '../base/index.ts';
import {
  DEFAULT_TRACE,
  driveLine,
  inspectDevices,
  inspectInterrupts,
  inspectMemory,
  inspectRegisters,
  inspectVcpus,
  moveCable,
  moveCard,
  parseTrace,
  pokeMemory,
  pokeRegister,
  sendBreak,
  stopsVcpus,
  type TraceEvent,
  textLine,
} from '../run/index.ts';
import type { Run } from './run.ts';

/** A word that who asks adds: what follows it comes to the function, which gives what is to be shown. */
export interface CommandWord {
  /** With what follows it: `save FILE`. */
  readonly usage: string;
  readonly about: string;
  readonly run: (parameters: readonly string[]) => string;
}

/** The words, and what they give. */
export class RunCommands {
  readonly #words: readonly CommandWord[];

  constructor(run: Run, more: readonly CommandWord[] = []) {
    const { session, report } = run;
    this.#words = [
      {
        usage: 'account',
        about: 'what was touched, interrupts, faults, the time so far',
        run: () => report.soFar(),
      },
      {
        usage: 'vcpus',
        about: 'where each vCPU is, and who called that',
        run: () => inspectVcpus(session, report.names),
      },
      {
        usage: 'interrupts',
        about: 'lines, what came how often, what the CPU interfaces hold',
        run: () => inspectInterrupts(session),
      },
      { usage: 'devices', about: 'what the board has, by path', run: () => inspectDevices(session) },
      {
        usage: 'registers DEVICE',
        about: "a device's registers by its manual's names",
        run: ([path = '']) => inspectRegisters(session, path),
      },
      {
        usage: 'memory [GUEST] ADDRESS [SIZE]',
        about: 'RAM by virtual addresses',
        run: (parameters) => memory(run, parameters),
      },
      {
        usage: 'poke DEVICE REGISTER[.FIELD] VALUE',
        about: 'writes a register, or by its offset, as a guest would',
        run: (parameters) => poke(run, parameters),
      },
      {
        usage: 'poke [GUEST] 0xADDRESS VALUE [BYTES]',
        about: 'writes RAM by virtual addresses: a number of 1, 2, 4 (unless said) or 8 bytes',
        run: (parameters) => poke(run, parameters),
      },
      {
        usage: 'raise INTID',
        about: "holds an interrupt's line high, as its device would",
        run: ([intid = '']) => driveLine(session, Number(intid), true),
      },
      {
        usage: 'lower INTID',
        about: 'lets it go',
        run: ([intid = '']) => driveLine(session, Number(intid), false),
      },
      {
        usage: 'unplug SLOT',
        about: 'takes the card out of a slot, by its controller',
        run: ([slot = '']) => moveCard(session, slot, false),
      },
      { usage: 'plug SLOT', about: 'puts it in again', run: ([slot = '']) => moveCard(session, slot, true) },
      {
        usage: 'link ETHERNET up|down',
        about: 'puts its cable in, or pulls it',
        run: ([name = '', state = '']) => moveCable(session, name, isUp(state)),
      },
      {
        usage: 'break [UART]',
        about: "a BREAK on the console's line: for SysRq",
        run: ([uart]) => sendBreak(session, uart),
      },
      {
        usage: 'trace on SPEC[,SPEC…]',
        about: 'traces from now on, as --trace says it: irq, mmio:device=serial@3000, syscall …',
        run: ([state = '', spec = '']) => this.#trace(run, state, spec),
      },
      {
        usage: 'trace off',
        about: 'traces no more; shows what was traced, where it went nowhere else',
        run: () => '',
      },
      ...more,
    ];
  }

  /** What was traced and has no other place to go. */
  #traced = '';

  #trace(run: Run, state: string, spec: string): string {
    if (state === 'off') {
      run.tracer.end();
      const traced = this.#traced;
      this.#traced = '';
      return traced === '' ? 'nothing is traced\n' : traced;
    }
    if (state !== 'on') throw new Refusal('trace on SPEC, or trace off');
    const specs = parseTrace(spec === '' ? DEFAULT_TRACE : spec);
    if (run.isStopped && specs.some(stopsVcpus)) throw new Refusal(NO_STOPS);
    const collect = (event: TraceEvent): void => {
      if (this.#traced.length < TRACED_CHARACTERS) this.#traced += textLine(event);
    };
    run.tracer.begin(specs, run.traceSink ?? collect);
    return `traced: ${specs.map(({ kind }) => kind).join(', ')}\n`;
  }

  /** What is to be shown, complete lines; what is wrong with the words too. */
  run(line: string): string {
    const [word = 'help', ...parameters] = line
      .trim()
      .split(/\s+/)
      .filter((part) => part !== '');
    const known = this.#words.find(({ usage }) => usage.split(' ')[0] === word);
    if (known === undefined) return word === 'help' ? this.#help : `there is no "${word}":\n${this.#help}`;
    const answer = attempt(() => known.run(parameters));
    return answer instanceof Refusal ? `${answer.message}\n` : answer;
  }

  get #help(): string {
    const width = Math.max(...this.#words.map(({ usage }) => usage.length));
    return this.#words.map(({ usage, about }) => `${usage.padEnd(width)}  ${about}\n`).join('');
  }
}

/** Of a trace that is only kept. */
const TRACED_CHARACTERS = 1 << 22;
/** Why some can't be traced now. */
const NO_STOPS =
  'system calls, functions and instructions are traced by stopping vCPUs, which a debugger or a profile does already';

const ADDRESS = /^(?:0x)?[0-9a-f]{1,16}$/i;

function memory({ session }: Run, parameters: readonly string[]): string {
  const guests = new Set(session.kernel.vcpus().map(({ vm }) => vm));
  const [first = ''] = parameters;
  const guest = guests.has(first) ? first : undefined;
  const [address = '', size] = guest === undefined ? parameters : parameters.slice(1);
  if (!ADDRESS.test(address)) throw new Refusal('an address is hexadecimal: memory 0xffff800008000000 64');
  const sizeBytes = size === undefined ? undefined : parseSize(size);
  return inspectMemory(session, guest, BigInt(`0x${address.replace(/^0x/i, '')}`), sizeBytes);
}

function isUp(state: string): boolean {
  if (state === 'up' || state === 'down') return state === 'up';
  throw new Refusal('link ETHERNET up, or link ETHERNET down');
}

const NUMBER = /^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i;
const POKE_BYTES = 4;

/** Memory where an address comes first, or a guest's name; else a device's register. */
function poke({ session }: Run, parameters: readonly string[]): string {
  const guests = new Set(session.kernel.vcpus().map(({ vm }) => vm));
  const [first = ''] = parameters;
  const guest = guests.has(first) && /^0x/i.test(parameters[1] ?? '') ? first : undefined;
  const isMemory = guest !== undefined || /^0x/i.test(first);
  if (!isMemory) {
    const [device = '', register = '', value = ''] = parameters;
    return pokeRegister(session, device, register, numberOf(value));
  }
  const [address = '', value = '', bytes = `${POKE_BYTES}`] =
    guest === undefined ? parameters : parameters.slice(1);
  return pokeMemory(session, guest, numberOf(address), littleEndian(numberOf(value), Number(bytes)));
}

function numberOf(text: string): bigint {
  if (!NUMBER.test(text)) throw new Refusal(`${text === '' ? 'nothing' : text} is no number: 17, or 0x11`);
  return BigInt.asUintN(64, BigInt(text));
}

function littleEndian(value: bigint, sizeBytes: number): Uint8Array {
  if (![1, 2, 4, 8].includes(sizeBytes)) throw new Refusal('a number has 1, 2, 4 or 8 bytes');
  if (BigInt.asUintN(8 * sizeBytes, value) !== value)
    throw new Refusal(`the number does not fit into ${sizeBytes} bytes`);
  return Uint8Array.from({ length: sizeBytes }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
