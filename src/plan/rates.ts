/**
 * Clock rates that are known without asking the clock's controller: the request gives them, the tree says them, or the
 * board's firmware is known to leave them so. A fixed clock of the wrong rate gives a UART the wrong speed, so each rate
 * says where it comes from.
 */
import {
  type Board,
  cellsProperty,
  type DtNode,
  nodesUnder,
  stringsProperty,
  u32Property,
} from '../devicetree/index.ts';
import type { Reference } from './references.ts';

export interface KnownRate {
  readonly rateHz: number;
  /** The second half of a sentence: "as …". */
  readonly source: string;
}

/** A clock as a consumer names it: its controller, and the specifier. */
interface Clock {
  readonly controller: DtNode;
  readonly args: readonly number[];
}

/** What the tree or the board's firmware tells of the rate of a referenced clock. */
export function knownRateOf(board: Board, reference: Reference): KnownRate | undefined {
  if (reference.kind !== 'clock') return undefined;
  return ofSerialNode(reference) ?? ofClock(board, { controller: reference.target, args: reference.args }, 0);
}

/** The serial binding's `clock-frequency` is the input clock's rate; elsewhere (I2C) the word means something else. */
function ofSerialNode({ node, index }: Reference): KnownRate | undefined {
  if (index !== 0 || node.baseName !== 'serial') return undefined;
  const rateHz = u32Property(node, 'clock-frequency');
  return rateHz === undefined || rateHz === 0
    ? undefined
    : { rateHz, source: `${node.path} says (clock-frequency)` };
}

/** Gates stand one behind the other only once or twice in real trees; a hostile one could make a ring. */
const DEPTH_LIMIT = 4;

function ofClock(board: Board, clock: Clock, depth: number): KnownRate | undefined {
  const { controller } = clock;
  const fixed = controller.properties.has('#clock-cells')
    ? u32Property(controller, 'clock-frequency')
    : undefined;
  if (fixed !== undefined && fixed !== 0) {
    return { rateHz: fixed, source: `${controller.path} says (clock-frequency)` };
  }
  const assigned = assignedRates(board).get(keyOf(clock));
  return (
    assigned ??
    leftByFirmware(board, clock) ??
    (depth < DEPTH_LIMIT ? behindGate(board, clock, depth) : undefined)
  );
}

const keyOf = ({ controller, args }: Clock): string => [controller.path, ...args].join(' ');

const assignedByBoard = new WeakMap<Board, ReadonlyMap<string, KnownRate>>();

/** `assigned-clock-rates` of the whole tree, which firmware has set already or Linux would set. */
function assignedRates(board: Board): ReadonlyMap<string, KnownRate> {
  const known = assignedByBoard.get(board);
  if (known !== undefined) return known;
  const rates = new Map<string, KnownRate>();
  for (const node of nodesUnder(board.tree.root)) {
    const values = cellsProperty(node, 'assigned-clock-rates');
    if (values === undefined) continue;
    for (const { property, target, index, args } of board.referencesOf(node)) {
      const rateHz = values[index] ?? 0;
      if (property !== 'assigned-clocks' || target === undefined || rateHz === 0) continue;
      rates.set(keyOf({ controller: target, args }), {
        rateHz,
        source: `${node.path} says (assigned-clock-rates)`,
      });
    }
  }
  assignedByBoard.set(board, rates);
  return rates;
}

/** Controllers that only let clocks through: `clock-indices` says which of its outputs has which of its inputs. */
const GATES = ['fsl,imx8qxp-lpcg'];

function behindGate(board: Board, { controller, args }: Clock, depth: number): KnownRate | undefined {
  if (!(stringsProperty(controller, 'compatible') ?? []).some((name) => GATES.includes(name)))
    return undefined;
  const input = (cellsProperty(controller, 'clock-indices') ?? []).indexOf(args[0] ?? -1);
  const behind = board
    .referencesOf(controller)
    .find(({ property, index }) => property === 'clocks' && index === input);
  if (behind?.target === undefined) return undefined;
  return ofClock(board, { controller: behind.target, args: behind.args }, depth + 1);
}

interface FirmwareRate {
  /** A `compatible` of the root, where the rate is the board's and not the chip's. */
  readonly board?: string;
  readonly controller: string;
  /** The first cells of the specifier. */
  readonly clocks: readonly number[];
  readonly rateHz: number;
  readonly source: string;
}

const MHZ = 1_000_000;

const FIRMWARE_RATES: readonly FirmwareRate[] = [
  {
    // UART0_REF, UART1_REF and LPD_LSBUS (dt-bindings/clock/xlnx-zynqmp-clk.h): IOPLL 1500 MHz / 15, and its like.
    board: 'xlnx,zynqmp-zcu102',
    controller: 'xlnx,zynqmp-clk',
    clocks: [56, 57, 31],
    rateHz: 100 * MHZ,
    source: "U-Boot's psu_init_gpl.c for the ZCU102 sets it",
  },
  {
    // IMX93_CLK_LPUART1_GATE (dt-bindings/clock/imx93-clock.h)
    controller: 'fsl,imx93-ccm',
    clocks: [134],
    rateHz: 24 * MHZ,
    source: "U-Boot's arch-imx9/clock.c sets it, from the oscillator",
  },
  {
    // Device 146 is the first UART of the main domain on every K3 chip.
    controller: 'ti,k2g-sci-clk',
    clocks: [146],
    rateHz: 48 * MHZ,
    source: "TF-A's console counts on it (K3_USART_CLK_SPEED in plat/ti/k3)",
  },
  {
    // RPMH_CXO_CLK and RPMH_CXO_CLK_A: the crystal of 38.4 MHz, halved.
    controller: 'qcom,sdm845-rpmh-clk',
    clocks: [0, 1],
    rateHz: 19.2 * MHZ,
    source: "Linux's clk-rpmh.c derives it from the crystal",
  },
];

function leftByFirmware(board: Board, { controller, args }: Clock): KnownRate | undefined {
  const compatible = stringsProperty(controller, 'compatible') ?? [];
  const [clock] = args;
  const found = FIRMWARE_RATES.find(
    (rate) =>
      clock !== undefined &&
      rate.clocks.includes(clock) &&
      compatible.includes(rate.controller) &&
      (rate.board === undefined || board.compatible.includes(rate.board)),
  );
  return found === undefined ? undefined : { rateHz: found.rateHz, source: found.source };
}
