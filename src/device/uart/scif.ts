/**
 * Renesas SCIF and HSCIF: the registers as the R-Car and RZ manuals name them, the behaviour as Linux 6.1's `sh-sci.c`
 * needs it.
 * With one interrupt all conditions share it; with four or more they are, in order, error, receive, transmit, break and
 * data ready. Left out: DMA, modem lines, errors other than breaks, baud rate.
 */
import type { IrqLine } from '../contract.ts';
import { bit, bits, reg, registerMap, status, unmodelled } from '../registers.ts';
import type { SerialLine } from '../serial-line.ts';
import { Uart } from './uart.ts';

export const SCIF_REGISTERS = registerMap({
  SCSMR: reg(0x00, { MODE: unmodelled(15, 0) }, { sizeBytes: 2 }),
  SCBRR: reg(0x04, { RATE: unmodelled(7, 0) }, { sizeBytes: 1, reset: 0xff }),
  SCSCR: reg(
    0x08,
    {
      CKE: unmodelled(2, 0),
      REIE: bit(3),
      RE: bit(4),
      TE: unmodelled(5),
      RIE: bit(6),
      TIE: bit(7),
      REST: unmodelled(15, 8),
    },
    { sizeBytes: 2 },
  ),
  SCFTDR: reg(0x0c, { DATA: bits(7, 0) }, { sizeBytes: 1, access: 'wo' }),
  SCFSR: reg(
    0x10,
    {
      DR: bit(0),
      RDF: bit(1),
      PER: unmodelled(2),
      FER: unmodelled(3),
      BRK: bit(4),
      TDFE: bit(5),
      TEND: bit(6),
      ER: unmodelled(7),
    },
    { sizeBytes: 2, reset: 0x60 },
  ),
  SCFRDR: reg(0x14, { DATA: status(7, 0) }, { sizeBytes: 1, access: 'ro' }),
  SCFCR: reg(
    0x18,
    {
      LOOP: bit(0),
      RFRST: bit(1),
      TFRST: unmodelled(2),
      MCE: unmodelled(3),
      TTRG: unmodelled(5, 4),
      RTRG: bits(7, 6),
      RSTRG: unmodelled(10, 8),
    },
    { sizeBytes: 2 },
  ),
  SCFDR: reg(0x1c, { R: status(7, 0), T: status(15, 8) }, { sizeBytes: 2, access: 'ro' }),
  SCSPTR: reg(0x20, { PINS: unmodelled(7, 0) }, { sizeBytes: 2 }),
  SCLSR: reg(0x24, { ORER: unmodelled(0), TO: unmodelled(2) }, { sizeBytes: 2 }),
  DL: reg(0x30, { DIVISOR: unmodelled(15, 0) }, { sizeBytes: 2 }),
  CKS: reg(0x34, { CKS: unmodelled(15, 0) }, { sizeBytes: 2 }),
  HSSRR: reg(0x40, { SRCYC: unmodelled(15, 0) }, { sizeBytes: 2 }),
  HSRTRGR: reg(0x54, { RTRG: unmodelled(7, 0) }, { sizeBytes: 2 }),
  HSTTRGR: reg(0x58, { TTRG: unmodelled(7, 0) }, { sizeBytes: 2 }),
});

/** What a SCIF is given beside its lines. */
export interface ScifParts {
  readonly line: SerialLine;
  /** The interrupts as the device tree lists them. */
  readonly irqs: readonly IrqLine[];
  /** 16 for SCIF, 128 for HSCIF. */
  readonly fifoDepth?: number;
}

const RX_TRIGGER_OF_16 = [1, 4, 8, 14] as const;
const SCFSR = SCIF_REGISTERS.SCFSR.fields;

/** Renesas' serial interface with FIFO. */
export class Scif extends Uart<typeof SCIF_REGISTERS> {
  readonly model = 'SCIF';
  readonly #receiveIrq: IrqLine | undefined;
  readonly #transmitIrq: IrqLine | undefined;
  readonly #dataReadyIrq: IrqLine | undefined;
  readonly #breakIrq: IrqLine | undefined;
  readonly #combined: boolean;

  constructor({ line, irqs, fifoDepth = 16 }: ScifParts) {
    const [first = { set: () => {} }, receive, transmit, breakIrq, dataReady] = irqs;
    super(SCIF_REGISTERS, 0x60, fifoDepth, { irq: first, line });
    this.#combined = irqs.length < 4;
    this.#receiveIrq = receive;
    this.#transmitIrq = transmit;
    this.#breakIrq = breakIrq;
    this.#dataReadyIrq = dataReady ?? receive;
    this.behave({
      SCFTDR: { write: (value) => this.#send(value) },
      SCFSR: { read: () => this.#status(), write: (value) => this.#clear(value) },
      SCFRDR: { read: () => this.takeReceived() },
      SCFCR: { write: (value) => this.#fifoControl(value) },
      SCFDR: { read: () => this.#count },
    });
  }

  #send(byte: number): void {
    if (this.field('SCFCR', 'LOOP') === 1) this.rx.push(byte);
    else this.line.send(byte);
  }

  /** TDFE and TEND come back at once when cleared: the transmit FIFO is always empty. */
  #status(): number {
    return this.value.SCFSR | SCFSR.TDFE.mask | SCFSR.TEND.mask;
  }

  /** Flags are cleared by writing zero; writing one changes nothing. */
  #clear(value: number): void {
    this.value.SCFSR &= value;
  }

  #fifoControl(value: number): void {
    if ((value & SCIF_REGISTERS.SCFCR.fields.RFRST.mask) !== 0) {
      this.rx.clear();
      this.value.SCFSR &= ~(SCFSR.RDF.mask | SCFSR.DR.mask);
    }
    this.value.SCFCR = value;
  }

  get #trigger(): number {
    const of16 = RX_TRIGGER_OF_16[this.field('SCFCR', 'RTRG')] ?? 1;
    return Math.max(1, (of16 * this.rx.depth) / 16);
  }

  protected override receiveLimit(): number {
    const on = this.field('SCSCR', 'RE') === 1 && this.field('SCFCR', 'RFRST') === 0;
    return on && this.field('SCFCR', 'LOOP') === 0 ? this.rx.depth : 0;
  }

  /** Characters of data: a BREAK is an entry that is no data, and is read past (SCFSR.BRK). */
  get #count(): number {
    return this.rx.length - Number(this.rx.hasBreak);
  }

  protected override updateIrq(): void {
    // RDF is set by what is in the FIFO; DR by what is in it below the trigger when the line falls idle.
    if (this.rx.isBreak) this.value.SCFSR |= SCFSR.BRK.mask;
    if (this.#count >= this.#trigger) this.value.SCFSR |= SCFSR.RDF.mask;
    else if (this.#count > 0) this.value.SCFSR |= SCFSR.DR.mask;
    const receiving = this.field('SCSCR', 'RIE') === 1;
    const full = receiving && (this.value.SCFSR & SCFSR.RDF.mask) !== 0;
    const ready = receiving && (this.value.SCFSR & SCFSR.DR.mask) !== 0;
    const transmit = this.field('SCSCR', 'TIE') === 1;
    const broken =
      (receiving || this.field('SCSCR', 'REIE') === 1) && (this.value.SCFSR & SCFSR.BRK.mask) !== 0;
    if (this.#combined) {
      this.irq.set(full || ready || transmit || broken);
      return;
    }
    this.#transmitIrq?.set(transmit);
    this.#breakIrq?.set(broken);
    if (this.#dataReadyIrq === this.#receiveIrq) {
      this.#receiveIrq?.set(full || ready);
    } else {
      this.#receiveIrq?.set(full);
      this.#dataReadyIrq?.set(ready);
    }
  }
}
