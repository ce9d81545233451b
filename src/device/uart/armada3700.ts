/**
 * The UARTs of Marvell's Armada 3700, after what Linux 6.1's `mvebu-uart.c` asks of them, with its names.
 * The second, "extended" UART has its registers at other places and interrupts that are
 * edges. Left out: DMA, errors other than breaks, baud rate.
 */
import type { IrqLine } from '../contract.ts';
import {
  bit,
  bits,
  REMEMBERED,
  type RegisterMap,
  reg,
  registerMap,
  status,
  unmodelled,
} from '../registers.ts';
import type { SerialLine } from '../serial-line.ts';
import { Uart } from './uart.ts';

const STATUS_FIELDS = {
  OVR_ERR: status(0),
  PAR_ERR: status(1),
  FRM_ERR: status(2),
  BRK_DET: status(3),
  RX_RDY: status(4),
  TX_RDY: status(5),
  TX_EMP: status(6),
  TX_FIFO_FUL: status(11),
  RX_FIFO_EMP: status(12),
  TX_FIFO_EMP: status(13),
  EXT_RX_RDY: status(14),
  EXT_TX_RDY: status(15),
} as const;

const SHARED = {
  STAT: reg(0x0c, STATUS_FIELDS, { access: 'ro' }),
  BRDV: reg(0x10, REMEMBERED),
  OSAMP: reg(0x14, REMEMBERED),
} as const;

const CONTROL_FIELDS = {
  OTHER: unmodelled(3, 0),
  RX_RDY_INT: bit(4),
  TX_RDY_INT: bit(5),
  REST: unmodelled(13, 6),
  RXFIFO_RST: bit(14),
  TXFIFO_RST: unmodelled(15),
  SOFT_RST: unmodelled(31, 16),
} as const;

/** The first UART has its interrupt enables in its control register. */
const ARMADA3700_UART_REGISTERS = registerMap({
  RBR: reg(0x00, { DATA: status(7, 0) }, { access: 'ro' }),
  TSH: reg(0x04, { DATA: bits(7, 0) }, { access: 'wo' }),
  CTRL: reg(0x08, CONTROL_FIELDS),
  ...SHARED,
});

/** The second's: enables of interrupts in a register of their own, one bit higher. */
const ARMADA3700_EXTENDED_UART_REGISTERS = registerMap({
  CTRL: reg(0x04, { ...CONTROL_FIELDS, RX_RDY_INT: unmodelled(4), TX_RDY_INT: unmodelled(5) }),
  ...SHARED,
  RBR: reg(0x18, { DATA: status(7, 0) }, { access: 'ro' }),
  TSH: reg(0x1c, { DATA: bits(7, 0) }, { access: 'wo' }),
  CTRL2: reg(0x20, {
    OTHER: unmodelled(4, 0),
    RX_RDY_INT: bit(5),
    TX_RDY_INT: bit(6),
    REST: unmodelled(31, 7),
  }),
});

/** What each of the two UARTs of an Armada 3720 is given. */
export interface Armada3700Parts {
  readonly line: SerialLine;
  readonly receiveIrq: IrqLine;
  readonly transmitIrq: IrqLine;
  /** The standard UART also has the sum of both. */
  readonly sumIrq: IrqLine;
}

const FIFO_DEPTH = 64;

/** Marvell Armada 3720's UART. */
export class Armada3700Uart extends Uart<RegisterMap> {
  readonly model: string;
  readonly #parts: Armada3700Parts;
  readonly #extended: boolean;

  constructor(parts: Armada3700Parts, variant: 'standard' | 'extended' = 'standard') {
    const extended = variant === 'extended';
    super(
      extended ? ARMADA3700_EXTENDED_UART_REGISTERS : ARMADA3700_UART_REGISTERS,
      extended ? 0x30 : 0x18,
      FIFO_DEPTH,
      { irq: parts.sumIrq, line: parts.line },
    );
    this.#parts = parts;
    this.#extended = extended;
    this.model = extended ? 'Armada 3700 extended UART' : 'Armada 3700 UART';
    this.behave({
      RBR: { read: () => this.takeReceived() },
      TSH: { write: (value) => this.#send(value) },
      CTRL: { write: (value) => this.#control(value) },
      STAT: { read: () => this.#status() },
    });
  }

  #send(byte: number): void {
    this.line.send(byte);
    // Not ready while the character leaves: an edge for whoever counts edges.
    this.#parts.transmitIrq.set(false);
  }

  #control(value: number): void {
    if ((value & CONTROL_FIELDS.RXFIFO_RST.mask) !== 0) this.rx.clear();
    this.value['CTRL'] = value;
  }

  #status(): number {
    const { RX_RDY, TX_RDY, TX_EMP, RX_FIFO_EMP, TX_FIFO_EMP, EXT_RX_RDY, EXT_TX_RDY, BRK_DET } =
      STATUS_FIELDS;
    const idle = TX_EMP.mask | TX_FIFO_EMP.mask | TX_RDY.mask | (this.#extended ? EXT_TX_RDY.mask : 0);
    if (this.rx.isEmpty) return idle | RX_FIFO_EMP.mask;
    const broken = this.rx.isBreak ? BRK_DET.mask : 0;
    return idle | broken | (this.#extended ? EXT_RX_RDY.mask : RX_RDY.mask);
  }

  protected override receiveLimit(): number {
    return this.field('CTRL', 'RXFIFO_RST') === 1 ? 0 : FIFO_DEPTH;
  }

  protected override updateIrq(): void {
    const enables = this.#extended ? 'CTRL2' : 'CTRL';
    const receive = this.field(enables, 'RX_RDY_INT') === 1 && !this.rx.isEmpty;
    const transmit = this.field(enables, 'TX_RDY_INT') === 1;
    this.#parts.receiveIrq.set(receive);
    this.#parts.transmitIrq.set(transmit);
    this.#parts.sumIrq.set(receive || transmit);
  }
}
