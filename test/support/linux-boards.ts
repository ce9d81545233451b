/** The board sources of a Linux tree, compiled by us as its build compiles them (scripts/Makefile.dtbs, formerly Makefile.lib). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import {
  applyOverlay,
  type DeviceTree,
  type ReadDeviceTreeOptions,
  readDeviceTree,
  readDtb,
  writeDtb,
} from '../../src/devicetree/index.ts';
import { nodeHost } from '../../src/node/host.ts';
import { filesUnder } from './files.ts';

const { files } = nodeHost();
const SOURCE = /\.dts(o?)$/;
const OVERLAY = /\.dtbo$/;

export class LinuxBoards {
  readonly includeDirectories: readonly string[];
  /** Path of the source by the name of the blob that the build makes of it: `x.dtb` of `x.dts`, `y.dtbo` of `y.dtso`. */
  readonly sources: ReadonlyMap<string, string>;
  /** Boards that the build puts together: `NAME-dtbs := BASE.dtb OVERLAY.dtbo …`. */
  readonly composites: ReadonlyMap<string, readonly string[]>;
  /** Blobs that get symbols: where a Makefile says so, and every base of a composite. */
  readonly withSymbols: ReadonlySet<string>;

  constructor(linux: string) {
    this.includeDirectories = [`${linux}/scripts/dtc/include-prefixes`, `${linux}/include`];
    const paths = filesUnder(`${linux}/arch/arm64/boot/dts`);
    const sources = paths.filter((path) => SOURCE.test(path));
    this.sources = new Map(sources.map((path) => [basename(path).replace(SOURCE, '.dtb$1'), path]));
    const makefiles = paths
      .filter((path) => path.endsWith('/Makefile'))
      .map((path) => ({ path, text: readFileSync(path, 'utf8').replaceAll('\\\n', ' ') }));
    const rules = makefiles.map(({ text }) => text).join('\n');
    const allWithSymbols = new Set(
      makefiles.filter(({ text }) => /^DTC_FLAGS\s*[:+]?=.*-@/m.test(text)).map(({ path }) => dirname(path)),
    );
    this.composites = new Map(
      [...rules.matchAll(/^([\w.,+-]+)-dtbs\s*[:+]?=\s*(.*)$/gm)].map(([, name = '', parts = '']) => [
        `${name}.dtb`,
        parts.trim().split(/\s+/),
      ]),
    );
    this.withSymbols = new Set([
      ...[...rules.matchAll(/^DTC_FLAGS_([\w.,+-]+)\s*[:+]=.*-@/gm)].flatMap(([, name = '']) => [
        `${name}.dtb`,
        `${name}.dtbo`,
      ]),
      ...[...this.composites.values()].map(([base = '']) => base),
      ...[...this.sources].flatMap(([blob, path]) => (allWithSymbols.has(dirname(path)) ? [blob] : [])),
    ]);
  }

  /** The tree of a source; any finding fails. */
  read(path: string, options: ReadDeviceTreeOptions = {}): DeviceTree {
    const sink = new DiagnosticSink();
    const { includeDirectories } = this;
    const found = readDeviceTree(files, path, { includeDirectories, ...options }, sink);
    assert.deepEqual(sink.sorted().map(formatDiagnostic), [], path);
    assert.ok(found);
    return found.tree;
  }

  /** The blob of a source, as the build makes it: with `-b 0`. */
  compiled(blob: string): Uint8Array {
    // Before Linux 6.2 an overlay's source ended like a board's.
    const source = this.sources.get(blob) ?? this.sources.get(blob.replace(OVERLAY, '.dtb'));
    assert.ok(source, `there is a source of ${blob}`);
    const tree = this.read(source, { symbols: this.withSymbols.has(blob) });
    return writeDtb({ ...tree, bootCpuidPhys: 0 });
  }

  /** The tree of a blob; where that is put together, of its base with the overlays applied. */
  composed(blob: string): DeviceTree {
    const parts = this.composites.get(blob);
    if (parts === undefined) return decodedBlob(this.compiled(blob));
    // A second base among the overlays is a mistake of a Makefile's; libfdt finds nothing in it to apply.
    const [base, ...overlays] = parts
      .filter((part, at) => at === 0 || OVERLAY.test(part))
      .map((part) => this.composed(part));
    const sink = new DiagnosticSink();
    const whole = overlays.reduce<DeviceTree | undefined>(
      (tree, overlay) => tree && applyOverlay(tree, overlay, sink),
      base,
    );
    assert.ok(whole, sink.sorted().map(formatDiagnostic).join('\n'));
    return whole;
  }
}

export function decodedBlob(blob: Uint8Array): DeviceTree {
  const tree = readDtb(blob, 'blob', new DiagnosticSink());
  assert.ok(tree);
  return tree;
}
