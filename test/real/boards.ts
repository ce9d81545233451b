/**
 * Boards of Microkit's that no example is for: a request of each, so that what `plan` writes is built for all of them. Trees are
 * Debian's where its kernel package has the board; others lie in directories that whoever runs this names, as seL4's `tools/dts` and
 * Microkit's `custom_dts`.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface OtherBoard {
  readonly board: string;
  /** Below the kernel package's device trees, or a file's name in one of the directories. */
  readonly tree: string;
  /** Everything, or the console alone where there are more interrupts than channels. */
  readonly pass: string;
}

const BCM2711 = 'broadcom/bcm2711-rpi-4-b.dtb';
const OTHER_BOARDS: readonly OtherBoard[] = [
  { board: 'imx8mp_iotgate', tree: 'iot-gate.dts', pass: '[serial1]' },
  { board: 'imx8mq_evk', tree: 'freescale/imx8mq-evk.dtb', pass: 'all' },
  { board: 'kria_k26', tree: 'xilinx/zynqmp-smk-k26-revA.dtb', pass: 'all' },
  { board: 'rock3b', tree: 'rock3b.dts', pass: 'all' },
  { board: 'rpi4b_1gb', tree: BCM2711, pass: 'all' },
  { board: 'rpi4b_2gb', tree: BCM2711, pass: 'all' },
  { board: 'rpi4b_8gb', tree: BCM2711, pass: 'all' },
  { board: 'stm32mp2', tree: 'stm32mp257f-ev1.dts', pass: '[serial0]' },
  { board: 'tqma8xqp1gb', tree: 'tqma8xqp1gb.dts', pass: '[serial1]' },
  { board: 'ultra96v2', tree: 'xilinx/avnet-ultra96-rev1.dtb', pass: 'all' },
];

export const BOARDS_DIRECTORY = 'boards';

/** Requests of the boards whose trees are there, in a directory below `place`; the names of the others' trees. */
export function layOutBoards(place: string, directories: string | undefined): ReadonlyMap<string, string> {
  const below = join(place, BOARDS_DIRECTORY);
  mkdirSync(below, { recursive: true });
  const missing = new Map<string, string>();
  for (const { board, tree, pass } of OTHER_BOARDS) {
    const debian = join(place, 'payload', 'dtbs', tree);
    const given = (directories ?? '').split(delimiter).map((directory) => join(directory, tree));
    const file = [debian, ...given].find((path) => existsSync(path));
    if (file === undefined) {
      missing.set(board, tree);
      continue;
    }
    const name = `${board}${file.slice(file.lastIndexOf('.'))}`;
    copyFileSync(file, join(below, name));
    const request = `name: ${board}
board: { dtb: ${name}, microkit: ${board} }
kernel: ../payload/Image
initrd: ../payload/initrd.cpio
pass: ${pass}
`;
    writeFileSync(join(below, `${board}.yaml`), request);
  }
  return missing;
}
