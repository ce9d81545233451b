/**
 * What U-Boot has loaded, and what its commands do with it: files by partition, memory by address, and the working device
 * tree with its changes (U-Boot, cmd/fs.c, cmd/part.c, cmd/fdt.c).
 */
import { DiagnosticSink } from '../../base/index.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { BootFile, BootProblem, TreeStep } from './entry.ts';
import {
  type Call,
  DONE,
  type Doubts,
  FAILED,
  type Status,
  SURE,
  together,
  type Value,
} from './shell-machine.ts';
import type { CommandStatement } from './shell-parser.ts';
import { ADDRESS_BASE, fdtWord } from './u-boot-commands.ts';
import { addressOf, type Loaded, UBootMemory } from './u-boot-memory.ts';
import { blobSizes, resizedBytes } from './u-boot-tree.ts';

/** Changes that are tried out; each takes a copy of the tree. */
const TRIED_STEPS = 64;
/** Changes of one tree. */
const STEP_LIMIT = 256;
/** `fdt`'s words that leave the tree as it is or do what the boot command does in any case, and that may fail. */
const MAY_FAIL: ReadonlySet<string> = new Set(['boardsetup', 'checksign', 'chosen', 'memory', 'systemsetup']);
const UNREAD_PARTITION = 'is a partition whose filesystem is not read here';
/** Why a change fails that makes the tree longer than its blob. */
const NO_ROOM = 'the tree has no room for it, which `fdt resize` makes';
/** Overlays that are told to be missing, or not to apply. */
const PROBLEM_LIMIT = 64;

export abstract class UBootStorage extends UBootMemory {
  /** Overlays that are missing or do not apply. */
  protected readonly problems: BootProblem[] = [];
  protected working: bigint | undefined;
  /** Where overlays lay that have been applied. */
  readonly #applied = new Set<bigint>();
  protected tried = 0;

  /**
   * The partition behind `0:2`; the first where none is said, and for `auto` the one that is marked bootable, else the first (U-Boot,
   * disk/part.c, blk_get_device_part_str). `undefined` where there are none, or none of that name.
   */
  protected partitionOf(device: string): number | undefined {
    const text = /[:#](.*)$/.exec(device)?.[1] ?? '';
    const { partitions } = this.world;
    if (text === '') return partitions.length === 0 ? undefined : 1;
    if (text === 'auto') return (partitions.find(({ isBootable }) => isBootable) ?? partitions[0])?.number;
    const byName = partitions.find(({ name }) => name !== '' && name === text)?.number;
    // U-Boot counts partitions in hexadecimal.
    return device.includes('#') ? byName : /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : byName;
  }

  /** Whether a device's partition is not there, in an image whose partitions are known. */
  #hasNoPartition(device: string): boolean {
    const { partitions } = this.world;
    if (partitions.length === 0) return false;
    const number = this.partitionOf(device);
    return number === undefined || this.world.partition(number) === undefined;
  }

  protected fileAt(device: string, path: string): BootFile {
    const partition = this.partitionOf(device);
    const isElsewhere = partition !== undefined && this.world.partition(partition) !== undefined;
    return isElsewhere && partition !== this.world.ownPartition ? { path, partition } : { path };
  }

  /** A file on a device, as far as the image has it, and what is in doubt about that. */
  protected find(
    [kind, device, path]: readonly (Value | undefined)[],
    line: number,
  ): {
    readonly file: BootFile;
    readonly source: ByteSource | undefined;
    readonly isHere: boolean;
    readonly doubts: Doubts;
  } {
    const { isHere, doubts } = this.deviceOf(kind, device, line);
    const file = this.fileAt(device?.text ?? '', path?.text ?? '');
    const isThere = isHere && !this.#hasNoPartition(device?.text ?? '');
    const source = isThere && file.path !== '' ? this.world.open(file) : undefined;
    const unread =
      isHere && this.world.unreadPartitions.includes(this.partitionOf(device?.text ?? '') ?? -1)
        ? this.doubt(line, `${kind?.text ?? ''} ${device?.text ?? ''}`, UNREAD_PARTITION, 'unread')
        : SURE;
    return { file, source, isHere: isThere, doubts: together(doubts, path?.doubts ?? SURE, unread) };
  }

  /** `load INTERFACE DEVICE ADDRESS FILE`; `${loadaddr}` and `${bootfile}` where they are left out (U-Boot, fs/fs.c, do_load). */
  protected load({ args, statement }: Call): Status {
    const [kind, device] = args;
    const address = args[2] ?? (args.length > 0 ? this.get('loadaddr', statement.line) : undefined);
    const path = args[3] ?? (args.length > 0 ? this.variables.get('bootfile') : undefined);
    const at = addressOf(address?.text ?? '');
    if (path === undefined || path.text === '') {
      const doubts = together(...args.map((value) => value.doubts));
      if (at !== undefined && doubts.size > 0) this.taintMemory(at, doubts);
      return { ok: false, doubts };
    }
    const { file, source, doubts: found } = this.find([kind, device, path], statement.line);
    const doubts = together(found, address?.doubts ?? SURE, this.control);
    if (source === undefined || at === undefined) {
      if (at !== undefined) {
        this.missing.set(at, { path: path.text, doubts });
        // What was there before stays, if the file is not there on the board either.
        if (found.size > 0) this.taintMemory(at, found);
      }
      if (/\.dtbo$/.test(path.text)) this.problem(statement.line, statement.text, path.text);
      return { ok: false, doubts: found };
    }
    this.missing.delete(at);
    // `load … FILE BYTES POSITION`; no bytes, or 0, are all.
    const isPart = args.slice(4).some(({ text }) => !/^(?:0x)?0*$/.test(text));
    const part = isPart
      ? this.doubt(statement.line, statement.text, 'loads a part of a file', 'unread')
      : SURE;
    this.memory.set(at, { file, source, doubts: together(doubts, part), steps: [], stepDoubts: SURE });
    this.#overwrite(at, source.sizeBytes, path.text);
    this.set('filesize', { text: source.sizeBytes.toString(16), doubts: found });
    this.set('fileaddr', { text: at.toString(16), doubts: SURE });
    return { ok: true, doubts: found };
  }

  /** An overlay that is missing; with a reason, one that does not apply. */
  protected problem(line: number, text: string, path: string, reason?: string): void {
    if (this.problems.length >= PROBLEM_LIMIT) return;
    if (this.problems.some((known) => known.path === path && known.reason === reason)) return;
    this.problems.push({ file: this.file, line, text, path, ...(reason === undefined ? {} : { reason }) });
  }

  /** What a file is loaded over, by addresses that the script itself gives. */
  #overwrite(at: bigint, sizeBytes: number, path: string): void {
    if (at >= ADDRESS_BASE) return;
    const end = at + BigInt(sizeBytes);
    for (const [base, other] of this.memory) {
      const otherEnd = base + BigInt(other.source?.sizeBytes ?? 0);
      if (base === at || base >= ADDRESS_BASE || base >= end || otherEnd <= at) continue;
      this.memory.set(base, { ...other, overwrittenBy: path });
    }
  }

  protected size({ args, statement }: Call): Status {
    const { source, doubts } = this.find(args, statement.line);
    if (source !== undefined) this.set('filesize', { text: source.sizeBytes.toString(16), doubts });
    return { ok: source !== undefined, doubts };
  }

  /** `ls INTERFACE DEVICE DIRECTORY`; the root where none is named. */
  protected list({ args, statement }: Call): Status {
    const [kind, device, path = { text: '/', doubts: SURE }] = args;
    const { file, isHere, doubts } = this.find([kind, device, path], statement.line);
    return { ok: isHere && this.world.isDirectory(file), doubts };
  }

  protected part({ args, statement }: Call): Status {
    const [what = '', kind = '', device = ''] = args.map(({ text }) => text);
    const name = args.length > 3 ? (args.at(-1)?.text ?? '') : '';
    const { isHere, doubts: ofDevice } = this.deviceOf(args[1], args[2], statement.line);
    const give = (text: string, doubts: Doubts = SURE): Status => {
      if (name !== '') this.set(name, { text, doubts: together(doubts, ofDevice) });
      return { ok: true, doubts: ofDevice };
    };
    if (!isHere) return { ok: false, doubts: ofDevice };
    if (what === 'uuid' && this.#hasNoPartition(device)) return { ok: false, doubts: ofDevice };
    if (what === 'uuid') {
      const number = this.partitionOf(device);
      const uuid = number === undefined ? undefined : this.world.partition(number)?.uuid;
      if (uuid !== undefined && uuid !== '') return give(uuid);
      const doubts = this.doubt(statement.line, statement.text, 'is known only on the board', 'board');
      return give(`<uuid-of-${kind}-${device}>`, doubts);
    }
    if (what === 'list') {
      const { partitions } = this.world;
      if (args.some(({ text }) => text === '-bootable')) {
        const bootable = partitions.filter(({ isBootable }) => isBootable);
        return give(bootable.map(({ number }) => number.toString(16)).join(' '));
      }
      return give(partitions.map(({ number }) => number.toString(16)).join(' '));
    }
    if (what === 'number') {
      const wanted = args[3]?.text ?? '';
      const found = this.world.partitions.find(({ name: each }) => each === wanted);
      return found === undefined ? FAILED : give(`0x${found.number.toString(16)}`);
    }
    const doubts = this.doubt(statement.line, statement.text, 'is known only on the board', 'board');
    return give('', doubts);
  }

  /** Blocks without a filesystem, flash, a chip's memory: what comes of it is not in any file here. */
  protected readBlocks(call: Call, index: number): Status {
    const { args, statement } = call;
    if (args[0]?.text !== 'read' && !args[0]?.text.startsWith('read.')) return this.mayFail(call);
    const doubts = this.doubt(statement.line, statement.text, 'reads what is in no filesystem', 'board');
    const at = addressOf(args[index]?.text ?? '');
    if (at !== undefined) {
      this.memory.set(at, { file: undefined, source: undefined, doubts, steps: [], stepDoubts: SURE });
    }
    return { ok: true, doubts };
  }

  protected fdt(call: Call): Status {
    const { args, statement } = call;
    const texts = args.map(({ text }, index) => (index === 0 ? fdtWord(text) : text));
    const [what = '', first = '', second = ''] = texts;
    const doubts = together(...args.map((value) => value.doubts));
    if (what === 'addr') {
      const at = addressOf(texts.findLast((text) => /^(?:0x)?[0-9a-f]+$/i.test(text)) ?? '');
      if (at === undefined) {
        this.doubtOverall(doubts);
        return { ok: this.working !== undefined, doubts };
      }
      // U-Boot's own tree, which is not the one that is worked on.
      if (texts.some((text) => /^-\w*c/.test(text))) return { ok: this.memory.has(at), doubts };
      const size = texts.length > 2 ? addressOf(texts[1] ?? '') : undefined;
      const address = size !== undefined && this.memory.has(size) ? size : at;
      const isMissing = this.missing.has(address) && !this.memory.has(address);
      if (isMissing || this.memory.get(address)?.damagedBy !== undefined) return { ok: false, doubts };
      this.working = address;
      if (address !== at) this.#makeRoom(address, Number(at));
      if (this.memory.has(address)) return { ok: true, doubts };
      const unknown = this.doubt(
        statement.line,
        statement.text,
        'works on a tree that is in no file here, such as the firmware’s',
        'board',
      );
      this.taintMemory(address, unknown);
      return { ok: true, doubts: together(doubts, unknown) };
    }
    if (what === 'move') return this.#move(first, second, texts[3] ?? '');
    const step = treeStepOf(texts);
    if (this.working === undefined) {
      // U-Boot has a tree to work on from `fdt addr` on (cmd/fdt.c, working_fdt).
      if (step !== undefined || what === 'apply') {
        const path = (what === 'apply' ? this.at(first)?.file?.path : undefined) ?? statement.text;
        this.problem(statement.line, statement.text, path, 'no `fdt addr` has said which tree');
      }
      return { ok: false, doubts };
    }
    const tree = this.memory.get(this.working);
    if (tree?.damagedBy !== undefined) return { ok: false, doubts: tree.doubts };
    if (what === 'apply') return this.applyOverlay(first, tree, statement);
    if (what === 'get') {
      if (first === 'value' && tree?.file !== undefined && texts[3]?.startsWith('/') !== false) {
        const [, , name = '', path = '', property = '', index] = texts;
        const value = this.world.treeProperty(tree.file, tree.steps, path, property);
        const text = value && shownProperty(value, index === undefined ? undefined : Number(index));
        if (text === undefined) return { ok: false, doubts: tree.doubts };
        this.set(name, { text, doubts: tree.doubts });
        return { ok: true, doubts: tree.doubts };
      }
      return this.#notComputed(second, statement);
    }
    if (what === 'chosen' && first !== '') {
      const reason = 'gives the kernel a ramdisk by its addresses, which is not followed';
      this.taintMemory(this.working, this.doubt(statement.line, statement.text, reason, 'unread'));
    }
    if (MAY_FAIL.has(what)) return this.mayFail(call);
    if (what === 'list' || what === 'print')
      return this.#look(first === '' ? '/' : first, second, tree, call);
    if (what === 'header') return first === 'get' ? this.#notComputed(second, statement) : DONE;
    if (what === 'resize') {
      const used = tree && this.#usedBytes(tree, tree.steps);
      if (used !== undefined)
        this.#setRoom(this.working, resizedBytes(this.working, used, addressOf(first) ?? 0n));
      return { ok: true, doubts };
    }
    if (tree === undefined) return { ok: false, doubts };
    if (step === undefined) {
      const undone = this.doubt(statement.line, statement.text, 'is not done here', 'unread');
      this.taintMemory(this.working, undone);
      return { ok: true, doubts: undone };
    }
    const sink = new DiagnosticSink();
    this.tried += 1;
    const isTried = this.tried <= TRIED_STEPS && tree.file !== undefined;
    // A node that is there already is not made again, and nothing is lost by it (libfdt, FDT_ERR_EXISTS).
    if (step.kind === 'make' && isTried && this.#hasNode(tree, `${step.path}/${step.name}`))
      return { ok: false, doubts: together(doubts, tree.doubts, tree.stepDoubts) };
    if (isTried && !this.world.accepts(tree.file as BootFile, [...tree.steps, step], sink)) {
      this.problem(statement.line, statement.text, statement.text, 'there is nothing at its path');
      return { ok: false, doubts: together(doubts, tree.doubts, tree.stepDoubts) };
    }
    if (isTried && this.#isFull(tree, step)) {
      this.problem(statement.line, statement.text, statement.text, NO_ROOM);
      return { ok: false, doubts: together(doubts, tree.doubts, tree.stepDoubts) };
    }
    this.addStep(this.working, tree, step, doubts);
    return { ok: true, doubts };
  }

  #notComputed(variable: string, { line, text }: CommandStatement): Status {
    const doubts = this.doubt(line, text, 'is not computed here', 'unread');
    this.taintVariable(variable, doubts);
    return { ok: true, doubts };
  }

  /** `fdt print` and `fdt list` fail where there is no such node or property. */
  #look(path: string, property: string, tree: Loaded | undefined, call: Call): Status {
    const file = tree?.file;
    if (tree === undefined || file === undefined || (property !== '' && !path.startsWith('/')))
      return this.mayFail(call);
    this.tried += 1;
    if (this.tried > TRIED_STEPS) return this.mayFail(call);
    const ok =
      property === ''
        ? this.#hasNode(tree, path)
        : this.world.treeProperty(file, tree.steps, path, property) !== undefined;
    return { ok, doubts: together(tree.doubts, tree.stepDoubts, ...call.args.map(({ doubts }) => doubts)) };
  }

  /** A property can be set where there is a node. */
  #hasNode({ file, steps }: Loaded, path: string): boolean {
    const probe: TreeStep = { kind: 'set', path: path.replace('//', '/'), property: 'status', words: [] };
    return file !== undefined && this.world.accepts(file, [...steps, probe], new DiagnosticSink());
  }

  /** What of the tree's blob is taken after the steps. */
  #usedBytes({ file, source }: Loaded, steps: readonly TreeStep[]): number | undefined {
    const blob = blobSizes(source);
    if (file === undefined || blob === undefined) return undefined;
    const [before, after] = [this.world.treeSizeBytes(file, []), this.world.treeSizeBytes(file, steps)];
    return before === undefined || after === undefined ? undefined : blob.usedBytes + after - before;
  }

  /** Whether the tree has no room for one more step (libfdt, FDT_ERR_NOSPACE). */
  #isFull(tree: Loaded, step: TreeStep): boolean {
    const before = this.#usedBytes(tree, tree.steps);
    const after = this.#usedBytes(tree, [...tree.steps, step]);
    const totalBytes = tree.totalBytes ?? blobSizes(tree.source)?.totalBytes;
    return (
      before !== undefined &&
      after !== undefined &&
      totalBytes !== undefined &&
      after > before &&
      after > totalBytes
    );
  }

  #setRoom(at: bigint, totalBytes: number): void {
    const tree = this.memory.get(at);
    if (tree !== undefined) this.memory.set(at, { ...tree, totalBytes });
  }

  /** A length that is given with an address; a shorter one than there is changes nothing. */
  #makeRoom(at: bigint, totalBytes: number): void {
    const tree = this.memory.get(at);
    if (totalBytes > (tree?.totalBytes ?? blobSizes(tree?.source)?.totalBytes ?? 0))
      this.#setRoom(at, totalBytes);
  }

  /** `fdt move FROM TO SIZE`. */
  #move(from: string, to: string, size: string): Status {
    const status = this.copy(from, to);
    const at = addressOf(to);
    if (!status.ok || at === undefined) return status;
    this.working = at;
    this.#makeRoom(at, Number(addressOf(size) ?? 0n));
    return status;
  }

  protected addStep(at: bigint, tree: Loaded, step: TreeStep, doubts: Doubts): void {
    if (tree.steps.length >= STEP_LIMIT) {
      this.doubtOverall(
        this.doubt(undefined, 'this script', 'changes its tree more often than is followed', 'unread'),
      );
      return;
    }
    const steps = [...tree.steps, step];
    this.memory.set(at, { ...tree, steps, stepDoubts: together(tree.stepDoubts, doubts, this.control) });
  }

  protected applyOverlay(
    address: string,
    tree: Loaded | undefined,
    { line, text }: CommandStatement,
  ): Status {
    const at = addressOf(address);
    const overlay = at === undefined ? undefined : this.memory.get(at);
    const missing = at === undefined ? undefined : this.missing.get(at);
    const doubts = together(overlay?.doubts ?? SURE, missing?.doubts ?? SURE, tree?.doubts ?? SURE);
    if (missing !== undefined) this.problem(line, text, missing.path);
    if (this.working === undefined || tree === undefined || at === undefined) return { ok: false, doubts };
    if (overlay?.file === undefined) {
      // Nothing valid is there where a load has failed, or where an overlay lay that has been applied.
      if (missing !== undefined || this.#applied.has(at)) return { ok: false, doubts };
      const unknown = this.doubt(line, text, 'applies what is in no file here', 'board');
      this.taintMemory(this.working, unknown);
      return { ok: true, doubts: together(doubts, unknown) };
    }
    // Applied or not, libfdt leaves no valid overlay behind.
    this.memory.delete(at);
    this.#applied.add(at);
    const step: TreeStep = { kind: 'overlay', file: overlay.file };
    this.tried += 1;
    const sink = new DiagnosticSink();
    const accepted =
      this.tried > TRIED_STEPS || tree.file === undefined
        ? undefined
        : this.world.accepts(tree.file, [...tree.steps, step], sink);
    const isFull = accepted === true && this.#isFull(tree, step);
    if (accepted === false || isFull) {
      const { path } = overlay.file;
      const [why] = sink.sorted().filter(({ severity }) => severity === 'error');
      this.problem(line, text, path, isFull ? NO_ROOM : (why?.message ?? 'it is no device tree'));
      const damage = { damagedBy: path, doubts: together(tree.doubts, doubts, this.control) };
      this.memory.set(this.working, { ...tree, ...damage });
      return { ok: false, doubts };
    }
    const untried = accepted === undefined ? this.doubt(line, text, 'was not tried out', 'unread') : SURE;
    this.addStep(this.working, tree, step, together(overlay.doubts, untried));
    return { ok: true, doubts: together(doubts, untried) };
  }
}

/**
 * As `fdt get value` puts it into a variable (U-Boot, cmd/fdt.c, fdt_value_env_set): one text of several, a cell in capitals, one
 * of several cells where an index says which, else all digits.
 */
function shownProperty(value: Uint8Array, index: number | undefined): string | undefined {
  if (value.length === 0) return '';
  const texts = textsIn(value);
  if (texts !== undefined) return texts[index ?? 0];
  const hex = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (value.length !== 4 && (value.length % 4 !== 0 || index === undefined)) return hex(value);
  const at = value.length === 4 ? 0 : 4 * (index ?? 0);
  return at >= value.length ? undefined : `0x${hex(value.subarray(at, at + 4)).toUpperCase()}`;
}

/** Printable texts, none of them empty; `undefined` where it holds anything else. */
function textsIn(value: Uint8Array): readonly string[] | undefined {
  if (value.at(-1) !== 0) return undefined;
  const texts = new TextDecoder('latin1').decode(value.subarray(0, -1)).split('\0');
  return texts.every((text) => /^[\x20-\x7e]+$/.test(text)) ? texts : undefined;
}

/** `fdt set`, `rm` and `mknode`; everything else that `fdt` does leaves the tree as it is. */
function treeStepOf([what, path = '', name, ...words]: readonly string[]): TreeStep | undefined {
  if (what === 'set' && name !== undefined) return { kind: 'set', path, property: name, words };
  if (what === 'rm') return { kind: 'remove', path, property: name };
  return what === 'mknode' && name !== undefined ? { kind: 'make', path, name } : undefined;
}
