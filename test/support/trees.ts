/** Small trees for tests, from source that dtc compiles: the tests of meaning do not lean on our own parser. */
import { DiagnosticSink } from '../../src/base/index.ts';
import {
  type Board,
  type Device,
  type DeviceTree,
  readDtb,
  resolveTree,
} from '../../src/devicetree/index.ts';
import { runOracle } from './oracles.ts';

/** The tree of a source without its `/dts-v1/;` line. Checks of dtc are off: broken trees are what tests want. */
export function treeOfDts(source: string): DeviceTree {
  const bytes = Buffer.from(`/dts-v1/;\n${source}`);
  const { status, stdout, stderr } = runOracle('dtc', ['-q', '-f', '-I', 'dts', '-O', 'dtb', '-'], bytes);
  if (status !== 0) throw new Error(stderr);
  return treeOfDtb(stdout, 'test.dts');
}

export function treeOfDtb(bytes: Uint8Array, file: string): DeviceTree {
  const sink = new DiagnosticSink();
  const tree = readDtb(bytes, file, sink);
  if (tree === undefined) throw new Error(`${file}: ${sink.sorted()[0]?.message}`);
  return tree;
}

export function boardOfDts(source: string): Board {
  return resolveTree(treeOfDts(source));
}

/** The device at a path, which must be there. */
export function deviceAt(board: Board, path: string): Device {
  const device = board.devices.find((candidate) => candidate.path === path);
  if (device === undefined) throw new Error(`no device at ${path}`);
  return device;
}

/** Registers as short texts: `0x3000+0x100`, or the reason. */
export function regsText(device: Device): readonly string[] {
  return device.regs.map((reg) =>
    reg.cpu === undefined
      ? [reg.reason, ...(reg.bus === undefined ? [] : [reg.bus])].join(' ')
      : `0x${reg.cpu.base.toString(16)}+0x${reg.cpu.size.toString(16)}`,
  );
}

/** Interrupts as short texts: `direct 225 edge-rising`, `allocated 96,97 level-high`, or `none` and the reason. */
export function interruptsText(device: Device): readonly string[] {
  return device.interrupts.map((interrupt) => {
    if (interrupt.reach === 'none') return `none ${interrupt.reason}`;
    const senses = [...new Set(interrupt.gic.map(({ sense }) => sense))];
    return `${interrupt.reach} ${interrupt.gic.map(({ intid }) => intid).join(',')} ${senses.join('/')}`;
  });
}
