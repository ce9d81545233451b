/**
 * What U-Boot has in memory, by address, and the commands that copy, unpack and look at it (U-Boot, cmd/mem.c, cmd/unzip.c,
 * cmd/bootm.c).
 */
import { isDtb } from '../../devicetree/index.ts';
import { isAndroidBoot } from '../boot-image/android.ts';
import type { ByteSource } from '../bytes/source.ts';
import { type CompressionFormat, detectCompression, MAGIC_BYTES } from '../compression/index.ts';
import { isLegacyImage, readLegacyImage } from '../uboot/legacy-image.ts';
import type { BootFile, TreeStep } from './entry.ts';
import type { MemoryReader } from './shell-expressions.ts';
import { type Call, DONE, type Doubts, FAILED, type Status, SURE, together } from './shell-machine.ts';
import { UBootDevices } from './u-boot-devices.ts';

/** What lies at an address. */
export interface Loaded {
  /** None where raw blocks or something unknown were read there. */
  readonly file: BootFile | undefined;
  readonly source: ByteSource | undefined;
  readonly doubts: Doubts;
  /** What was done to it, where it is a tree. */
  readonly steps: readonly TreeStep[];
  readonly stepDoubts: Doubts;
  /** What the tree may grow to, where a command has made room; else its blob says so. */
  readonly totalBytes?: number;
  /** What has been loaded over it since, as far as the script's own addresses tell. */
  readonly overwrittenBy?: string;
  /** An overlay that did not apply has made the tree invalid (libfdt, fdt_overlay_apply). */
  readonly damagedBy?: string;
}

export abstract class UBootMemory extends UBootDevices {
  protected readonly memory = new Map<bigint, Loaded>();
  /** What could not be loaded, by where it should lie. */
  protected readonly missing = new Map<bigint, { readonly path: string; readonly doubts: Doubts }>();

  protected reader(line: number): MemoryReader {
    return {
      peek: (address: bigint, widthBytes: number) => {
        for (const [base, { source, doubts }] of this.memory) {
          const offset = address - base;
          if (source === undefined || offset < 0n || offset + BigInt(widthBytes) > BigInt(source.sizeBytes))
            continue;
          const bytes = source.read(Number(offset), widthBytes);
          const number = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
          return { number, doubts };
        }
        const text = `*0x${address.toString(16)}`;
        return {
          number: 0n,
          doubts: this.doubt(line, text, "reads the board's memory or registers", 'board'),
        };
      },
    };
  }

  protected at(text: string): Loaded | undefined {
    const at = addressOf(text);
    return at === undefined ? undefined : this.memory.get(at);
  }

  protected taintMemory(at: bigint | undefined, doubts: Doubts): void {
    if (at === undefined) return;
    const there = this.memory.get(at);
    const empty = { file: undefined, source: undefined, steps: [], stepDoubts: SURE };
    this.memory.set(at, { ...(there ?? empty), doubts: together(there?.doubts ?? SURE, doubts) });
  }

  protected copy(from: string, to: string): Status {
    const [loaded, at] = [this.at(from), addressOf(to)];
    if (loaded === undefined || at === undefined) return FAILED;
    this.missing.delete(at);
    this.memory.set(at, { ...loaded, doubts: together(loaded.doubts, this.control) });
    return { ok: true, doubts: loaded.doubts };
  }

  /** `cp FROM TO COUNT`: it cannot fail, whatever lies there. */
  protected copyMemory({ name, args, statement }: Call): Status {
    const [from, to, count = ''] = args.map(({ text }) => text);
    const [loaded, at] = [this.at(from ?? ''), addressOf(to ?? '')];
    if (at === undefined) return FAILED;
    const given = together(...args.map(({ doubts }) => doubts), this.control);
    const unknown = (reason: string): Doubts =>
      together(given, this.doubt(statement.line, statement.text, reason, 'board'));
    if (loaded?.source === undefined) {
      this.missing.delete(at);
      this.memory.delete(at);
      this.taintMemory(at, unknown('copies memory that nothing here has loaded'));
      return DONE;
    }
    const width = COPY_WIDTHS[name.slice(name.indexOf('.') + 1)] ?? 4;
    const isShort = (addressOf(count) ?? 0n) * BigInt(width) < BigInt(loaded.source.sizeBytes);
    const part = isShort ? unknown('copies a part of what was loaded, as far as is known') : given;
    this.missing.delete(at);
    this.memory.set(at, { ...loaded, doubts: together(loaded.doubts, part) });
    return DONE;
  }

  /** `unzip FROM TO` and its like fail where there is nothing of their format. */
  protected unpack({ name, args, statement }: Call): Status {
    const [from, to] = args.map(({ text }) => text);
    const [loaded, at] = [this.at(from ?? ''), addressOf(to ?? '')];
    if (loaded === undefined || at === undefined) return FAILED;
    const format = loaded.source && detectCompression(loaded.source.read(0, MAGIC_BYTES));
    if (loaded.source !== undefined && format !== UNPACKS[name]) {
      if (this.missing.get(at) === undefined && !this.memory.has(at))
        this.missing.set(at, { path: loaded.file?.path ?? statement.text, doubts: loaded.doubts });
      return { ok: false, doubts: loaded.doubts };
    }
    return this.copy(from ?? '', to ?? '');
  }

  /** `iminfo`: an image of U-Boot's own, a FIT or Android's, with its checksums (U-Boot, cmd/bootm.c, image_info). */
  protected imageInfo(call: Call): Status {
    const { args } = call;
    const loaded = this.at(args[0]?.text ?? '');
    if (args.length !== 1 || loaded?.source === undefined || loaded.steps.length > 0)
      return this.mayFail(call);
    const doubts = together(loaded.doubts, args[0]?.doubts ?? SURE);
    const head = loaded.source.read(0, 8).slice();
    // What is in a FIT or an Android image is checked there, and not here.
    if (isDtb(head) || isAndroidBoot(head)) return this.mayFail(call);
    return { ok: isLegacyImage(head) && isWhole(loaded.source), doubts };
  }

  /** `mw` and its like write into what lies there. */
  protected write({ args, statement }: Call): Status {
    const address = addressOf(args[0]?.text ?? '');
    for (const [base, { source }] of this.memory) {
      const end = base + BigInt(source?.sizeBytes ?? 0);
      if (address === undefined || address < base || address >= end) continue;
      const doubts = this.doubt(statement.line, statement.text, 'writes into what was loaded', 'unread');
      this.taintMemory(base, doubts);
    }
    return DONE;
  }
}

/** Hexadecimal, as everywhere in U-Boot; what follows `#` or `:` is no part of it. */
export function addressOf(text: string): bigint | undefined {
  const digits = /^(?:0x)?([0-9a-f]{1,16})(?:[#:]|$)/i.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

const COPY_WIDTHS: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, q: 8 };
/** What each command unpacks (U-Boot, cmd/unzip.c, cmd/lzmadec.c, cmd/unlz4.c). */
const UNPACKS: Readonly<Record<string, CompressionFormat>> = { unzip: 'gzip', lzmadec: 'lzma', unlz4: 'lz4' };
export const UNPACKERS: ReadonlySet<string> = new Set(Object.keys(UNPACKS));

function isWhole(source: ByteSource): boolean {
  try {
    readLegacyImage(source);
    return true;
  } catch {
    return false;
  }
}
