/**
 * Runs kept in files: saved where they stand, taken up again with the same inputs by the same program. A run that was started
 * before is taken up where its initial ramdisk came up, from the cache, if nothing that it is made of has changed.
 */
import { type DiagnosticSink, type Host, Refusal } from '../base/index.ts';
import { type BlockStore, isWrittenThrough } from '../device/index.ts';
import { writeDtb } from '../devicetree/index.ts';
import { writeDescription } from '../microkit/index.ts';
import { contentHash } from '../payload/index.ts';
import { runCodes, type Session } from '../run/index.ts';
import { keepFile } from './cache-files.ts';
import { readRunFile, writeRunFile } from './run-file.ts';
import type { RunInputs } from './run-inputs.ts';
import type { RunRequest } from './run-request.ts';

/** What a snapshot must fit beside the inputs: the program's build, the clock, the seed. */
export interface SnapshotsOptions extends Pick<RunRequest, 'clock' | 'seed'> {
  /** Which program this is, to the build: another one's snapshots are refused. */
  readonly program: string;
}

/** So much of a disk is hashed at a time. */
const CHUNK_BYTES = 1 << 20;
/** The cache keeps so many boots; of the others, which go is no matter. */
const KEPT_BOOTS = 4;

/** A run's snapshots in files; knows by hashes what they are of. */
export class Snapshots {
  readonly #host: Pick<Host, 'files' | 'cacheDirectory'>;
  readonly #session: Session;
  readonly #program: string;
  readonly #inputs: ReadonlyMap<string, string>;
  readonly #disks: ReadonlyMap<string, BlockStore>;

  private constructor(
    host: Pick<Host, 'files' | 'cacheDirectory'>,
    session: Session,
    inputs: RunInputs,
    options: SnapshotsOptions,
  ) {
    this.#host = host;
    this.#session = session;
    this.#program = options.program;
    this.#disks = new Map([
      ...[...inputs.disks.served].map(([pd, store]) => [`the disk of ${pd}`, store] as const),
      ...[...inputs.disks.inDevices].map(([path, store]) => [`the disk of ${path}`, store] as const),
    ]);
    this.#inputs = new Map([
      ...inputHashes(inputs, options),
      ...[...this.#disks].map(([name, store]) => [name, hashOfStore(store)] as const),
    ]);
  }

  /**
   * Looks at what the run is made of, disks whole. Throws {@link Refusal} where it is made of more than can be kept: what a guest holds
   * of a directory of the host's is the host's.
   */
  static of(
    host: Pick<Host, 'files' | 'cacheDirectory'>,
    session: Session,
    inputs: RunInputs,
    options: SnapshotsOptions,
  ): Snapshots {
    if (inputs.shares.length > 0)
      throw new Refusal(
        "a run with a shared directory can't be saved: what the guest holds of it is the host's",
      );
    return new Snapshots(host, session, inputs, options);
  }

  save(path: string): void {
    const subject = { program: this.#program, inputs: this.#inputsNow() };
    this.#host.files.writeAtomically(path, writeRunFile(subject, this.#session.save()));
  }

  /** Takes up what was saved; `false` where that can't be, which the sink says. Nothing is changed then. */
  resume(path: string, sink: DiagnosticSink): boolean {
    const saved = readRunFile(this.#host.files.read(path));
    if (saved === undefined) {
      sink.report(runCodes['not-a-snapshot'].at({ file: path }, undefined));
      return false;
    }
    if (saved.program !== this.#program) {
      const other = { what: [`drivervm ${saved.program}`], now: this.#program };
      sink.report(runCodes['snapshot-of-other'].at({ file: path }, other));
      return false;
    }
    const names = new Set([...Object.keys(saved.inputs), ...this.#inputs.keys()]);
    const what = [...names].filter((name) => saved.inputs[name] !== this.#inputs.get(name));
    if (what.length > 0) {
      sink.report(runCodes['snapshot-of-other'].at({ file: path }, { what }));
      return false;
    }
    return this.#session.load(saved.session, sink, path);
  }

  /** Where the state of this run's boot is kept: by everything that it is made of. */
  get bootPath(): string {
    const { files, cacheDirectory } = this.#host;
    const all = new TextEncoder().encode(JSON.stringify([this.#program, ...this.#inputs]));
    return files.join(cacheDirectory, 'boots', `${hex64(contentHash(all))}.snapshot`);
  }

  /** Whether this run's boot is in the cache. */
  get hasBoot(): boolean {
    return this.#host.files.status(this.bootPath)?.kind === 'file';
  }

  /** Keeps the run as it is now in the cache; one that can't be written to is no reason to fail. */
  keepBoot(): void {
    const { files } = this.#host;
    const { bootPath } = this;
    keepFile(files, files.dirname(bootPath), bootPath, KEPT_BOOTS, () => this.save(bootPath));
  }

  /** What is written through to a file is in the file, and must be found there again. */
  #inputsNow(): Readonly<Record<string, string>> {
    const written = [...this.#disks]
      .filter(([, store]) => isWrittenThrough(store))
      .map(([name, store]) => [name, hashOfStore(store)] as const);
    return Object.fromEntries([...this.#inputs, ...written]);
  }
}

function inputHashes(
  { board, description, payloads, library, shared, registerSeeds, programTexts, engine }: RunInputs,
  { clock = 'virtual', seed }: SnapshotsOptions,
): readonly (readonly [string, string])[] {
  const ofBytes = (bytes: Uint8Array) => hex64(contentHash(bytes));
  const ofText = (text: string) => ofBytes(new TextEncoder().encode(text));
  const ofValue = (value: unknown) => ofText(JSON.stringify(value));
  return [
    ['the clock', clock],
    ['the seed', `${seed ?? ''}`],
    ["the monitors' library", library],
    ["the programs' engine", engine === undefined ? 'host' : 'quickjs'],
    ...[...(engine?.scripts ?? [])].map(([pd, { text }]) => [`the script of ${pd}`, ofText(text)] as const),
    ["the board's tree", ofBytes(writeDtb(board.tree))],
    ['the system description', ofText(writeDescription(description))],
    ['the network addresses', ofValue([...shared.macAddresses].map(([pd, each]) => [pd, [...each]]))],
    [
      'who reaches whom',
      ofValue(
        [...shared.reaches].map(([pd, each]) => [
          pd,
          [...each].map(([number, { clients, outside }]) => [number, [...clients], outside]),
        ]),
      ),
    ],
    ['colours and switch keys', ofValue([...shared.consoles])],
    ['the registers from a collector', ofValue([...(registerSeeds ?? [])])],
    ...[...programTexts].map(([path, text]) => [`the program ${path}`, ofBytes(text)] as const),
    ...[...payloads].flatMap(([vm, { images, placement }]) => [
      [`the kernel of ${vm}`, ofBytes(images.kernel)] as const,
      [`the initial ramdisk of ${vm}`, ofBytes(images.initrd ?? new Uint8Array(0))] as const,
      [`the tree of ${vm}`, ofBytes(images.dtb)] as const,
      [`where the images of ${vm} lie`, ofValue(placement ?? null)] as const,
    ]),
  ];
}

/** Its size with the hash of its content, piece by piece: a disk need not fit into memory. */
function hashOfStore(store: BlockStore): string {
  const pieces: bigint[] = [BigInt(store.sizeBytes)];
  const piece = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; at < store.sizeBytes; at += CHUNK_BYTES) {
    const part = piece.subarray(0, Math.min(CHUNK_BYTES, store.sizeBytes - at));
    store.read(at, part);
    pieces.push(contentHash(part));
  }
  return hex64(contentHash(new Uint8Array(BigUint64Array.from(pieces).buffer)));
}

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
