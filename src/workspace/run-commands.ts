/** Words about a run as it stands: the same at the console's prompt (Ctrl-A :), in gdb (`monitor`) and in scripts (`script.monitor`). */
import { attempt, parseSize, Refusal } from '../base/index.ts';
import {
  inspectDevices,
  inspectInterrupts,
  inspectMemory,
  inspectRegisters,
  inspectVcpus,
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
      ...more,
    ];
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
