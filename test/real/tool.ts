/** Microkit's own tool on a description: whether it takes it, and what it says otherwise. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programImage } from '../support/program-image.ts';

export interface Judgement {
  readonly verdict: 'built' | 'refused' | 'panicked';
  /** Its first words of complaint. */
  readonly words: string;
}

/** What regions are filled with: neither empty nor a whole number of pages. */
const PREFILL_BYTES = 0x1800;
const TOOL_LIMIT_MS = 60_000;
/** Names of files that a test may write in a directory of its own. */
const PLAIN_PATH = /^(?!.*\.\.)[\w][\w./-]{0,100}$/;

const valuesOf = (text: string, attribute: RegExp): readonly string[] =>
  [...text.matchAll(attribute)].map(([, value = '']) => value);

/** A directory with the tool's inputs, for as long as it is used. */
export class ToolRunner {
  readonly #sdk: string;
  readonly #board: string;
  readonly #config: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'drivervm-tool-'));

  readonly #programBytes: number;

  /** Programs have at least that many bytes. */
  constructor(sdk: string, board: string, config: string, programBytes = 0) {
    this.#programBytes = programBytes;
    this.#sdk = sdk;
    this.#board = board;
    this.#config = config;
  }

  /** The directory in which files that regions are filled with are found. */
  get searchPath(): string {
    return this.#directory;
  }

  judge(text: string): Judgement {
    this.#provide(text);
    const args = ['a.system', '--search-path', '.', '--board', this.#board, '--config', this.#config];
    const done = spawnSync(join(this.#sdk, 'bin', 'microkit'), [...args, '-o', 'a.img', '-r', 'a.txt'], {
      cwd: this.#directory,
      encoding: 'utf8',
      env: { ...process.env, MICROKIT_SDK: this.#sdk },
      timeout: TOOL_LIMIT_MS,
    });
    const said = `${done.stderr ?? ''}${done.error?.message ?? ''}`;
    const lines = said.split('\n').filter((line) => line.trim() !== '');
    const at = lines.findIndex((line) => line.includes('panicked at'));
    if (at >= 0)
      return {
        verdict: 'panicked',
        words: lines
          .slice(at, at + 2)
          .join(' ')
          .trim(),
      };
    if (done.status === 0) return { verdict: 'built', words: '' };
    return { verdict: 'refused', words: lines[0] ?? `exit status ${done.status ?? done.signal}` };
  }

  /** The description, and the files that it names. */
  #provide(text: string): void {
    for (const name of readdirSync(this.#directory)) rmSync(join(this.#directory, name), { recursive: true });
    writeFileSync(join(this.#directory, 'a.system'), text);
    const symbols = valuesOf(text, /\s(?:setvar_[a-z_]+|symbol)="([^"\0]*)"/g);
    const image = programImage(symbols, this.#programBytes);
    const programs = valuesOf(text, /\s(?:path|path_for_symbols)="([^"]*)"/g);
    const prefills = valuesOf(text, /\sprefill_path="([^"]*)"/g);
    for (const [paths, content] of [
      [programs, image],
      [prefills, new Uint8Array(PREFILL_BYTES).fill(0x5a)],
    ] as const) {
      for (const path of paths) {
        if (!PLAIN_PATH.test(path) || path === 'a.system') continue;
        const file = join(this.#directory, path);
        try {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        } catch {
          // Two mutants' names, one a directory of the other: the tool then misses the file, which is a verdict too.
        }
      }
    }
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
