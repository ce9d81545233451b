/**
 * Registers of a running board, from debugfs: /sys/kernel/debug/regmap/NAME/registers (Linux 6.1, drivers/base/regmap/
 * regmap-debugfs.c). NAME says whose they are: `ff63a000.phy` for a device, `dummy-sys-ctrl@0x00000000ff800000` for a syscon
 * that no driver has, `ff634400.bus:pinctrl@40-bank-gpio` for one of several maps of a device. It counts only where the
 * board's tree has that very device; a map on an I2C bus (`0-0020`) is none of a memory-mapped device.
 */
import type { HostFiles } from '../../base/index.ts';
import type { Board, Device } from '../../devicetree/index.ts';

type DumpFiles = Pick<HostFiles, 'status' | 'list' | 'read' | 'join'>;

const REGMAPS = 'regmap';
const OF_DEVICE = /^([0-9a-f]+)\.(.+)$/;
const OF_SYSCON = /^dummy-(.+)@(?:0x)?([0-9a-f]+)$/;
/** Amlogic's pin controllers: a map for each `reg` of the bank below the controller's node. */
const OF_BANK = /^[0-9a-f]+\.[^:]+:(.+)-([a-z]+)-([a-z-]+)$/;
/** `0098: 000a0003`; a register that can't be read has X in place of digits. */
const LINE = /^([0-9a-f]+): ([0-9a-f]{8})$/;
const LIMIT_BYTES = 16 << 20;

/** Where the registers of a map begin; `undefined` where the board has no such device. */
export function registerMapBase(board: Board, name: string): number | undefined {
  const [, deviceBase, deviceName] = OF_DEVICE.exec(name) ?? [];
  if (deviceBase !== undefined) {
    const base = baseOf(board, Number.parseInt(deviceBase, 16), deviceName);
    if (base !== undefined) return base;
  }
  const [, syscon, sysconBase] = OF_SYSCON.exec(name) ?? [];
  if (sysconBase !== undefined) return baseOf(board, Number.parseInt(sysconBase, 16), syscon);
  const [, controller, bank, map] = OF_BANK.exec(name) ?? [];
  const device = board.devices.find(({ node }) => node.baseName === bank && node.parent?.name === controller);
  return device?.regs.find((reg) => reg.name === map)?.cpu?.base;
}

function baseOf({ devices }: Board, base: number, name: string | undefined): number | undefined {
  const isIt = ({ node, regs }: Device) => node.baseName === name && regs[0]?.cpu?.base === base;
  return devices.some(isIt) ? base : undefined;
}

/** Words by their offsets; registers of other sizes are left out. */
export function parseRegisterDump(text: string): ReadonlyMap<number, number> {
  const words = text.split('\n').flatMap((line) => {
    const [, offset, value] = LINE.exec(line.trim()) ?? [];
    if (offset === undefined || value === undefined) return [];
    const at = Number.parseInt(offset, 16);
    return Number.isSafeInteger(at) && at % 4 === 0 ? [[at, Number.parseInt(value, 16)] as const] : [];
  });
  return new Map(words);
}

/** All dumps in a directory that `payload extract` wrote (`live/`), by address; `undefined` where it holds none. */
export function readRegisterDumps(
  files: DumpFiles,
  directory: string,
  board: Board,
): ReadonlyMap<number, number> | undefined {
  const maps = files.join(directory, REGMAPS);
  if (files.status(maps)?.kind !== 'directory') return undefined;
  const registers = new Map<number, number>();
  for (const name of files.list(maps)) {
    const base = registerMapBase(board, name);
    const path = files.join(maps, name, 'registers');
    const status = files.status(path);
    if (base === undefined || status?.kind !== 'file' || status.sizeBytes > LIMIT_BYTES) continue;
    const dump = parseRegisterDump(new TextDecoder().decode(files.read(path)));
    for (const [offset, value] of dump) registers.set(base + offset, value);
  }
  return registers;
}
