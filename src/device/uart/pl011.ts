/**
 * Arm PrimeCell UART PL011 r1p5, after its technical reference manual (DDI 0183G), and the generic UART of the Server
 * Base System Architecture (Arm DEN 0029), which is the same less the line settings.
 * Left out: DMA, IrDA, modem lines, errors other than breaks; baud rate and line settings are remembered.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { primeCellIds } from '../prime-cell.ts';
import { bit, bits, reg, registerMap, status, unmodelled } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

/** The interrupts, in the same places of UARTIMSC, UARTRIS, UARTMIS and UARTICR (DDI 0183G §3.3.10). */
const INTERRUPTS = {
  RX: bit(4),
  TX: bit(5),
  RT: bit(6),
  BE: bit(9),
} as const;

export const PL011_REGISTERS = registerMap({
  UARTDR: reg(0x000, { DATA: bits(7, 0), FE: status(8), PE: status(9), BE: status(10), OE: status(11) }),
  /** UARTECR on writing, which clears. */
  UARTRSR: reg(0x004, { FE: bit(0), PE: bit(1), BE: bit(2), OE: bit(3) }),
  UARTFR: reg(
    0x018,
    {
      CTS: status(0),
      DSR: status(1),
      DCD: status(2),
      BUSY: status(3),
      RXFE: status(4),
      TXFF: status(5),
      RXFF: status(6),
      TXFE: status(7),
      RI: status(8),
    },
    { access: 'ro' },
  ),
  UARTILPR: reg(0x020, { ILPDVSR: unmodelled(7, 0) }),
  UARTIBRD: reg(0x024, { BAUD_DIVINT: unmodelled(15, 0) }),
  UARTFBRD: reg(0x028, { BAUD_DIVFRAC: unmodelled(5, 0) }),
  UARTLCR_H: reg(0x02c, { LINE: unmodelled(3, 0), FEN: bit(4), FORMAT: unmodelled(7, 5) }),
  UARTCR: reg(
    0x030,
    {
      UARTEN: bit(0),
      SIR: unmodelled(2, 1),
      LBE: bit(7),
      TXE: unmodelled(8),
      RXE: bit(9),
      MODEM: unmodelled(13, 10),
      RTSEN: unmodelled(14),
      CTSEN: unmodelled(15),
    },
    { reset: 0x300 },
  ),
  UARTIFLS: reg(0x034, { TXIFLSEL: unmodelled(2, 0), RXIFLSEL: bits(5, 3) }, { reset: 0x12 }),
  UARTIMSC: reg(0x038, {
    MODEM: unmodelled(3, 0),
    ...INTERRUPTS,
    ERRORS: unmodelled(8, 7),
    OE: unmodelled(10),
  }),
  UARTRIS: reg(0x03c, { ...INTERRUPTS }, { access: 'ro' }),
  UARTMIS: reg(0x040, { ...INTERRUPTS }, { access: 'ro' }),
  UARTICR: reg(
    0x044,
    { MODEM: unmodelled(3, 0), ...INTERRUPTS, ERRORS: unmodelled(8, 7), OE: unmodelled(10) },
    { access: 'wo' },
  ),
  UARTDMACR: reg(0x048, { DMA: unmodelled(2, 0) }),
  // Designer 0x41 (Arm), part 0x011, revision 3: FIFOs of 32 (DDI 0183G §3.3.14).
  ...primeCellIds('UART', 0x0034_1011),
});

const FIFO_DEPTH = 32;
/** UARTIFLS.RXIFLSEL: how full the FIFO must be; reserved values act as the highest. */
const RX_TRIGGER_EIGHTHS = [1, 2, 4, 6, 7] as const;

const FR = PL011_REGISTERS.UARTFR.fields;

/** Arm's PL011, and SBSA's generic UART, which is a part of it. */
export class Pl011 extends Uart<typeof PL011_REGISTERS> {
  readonly model = 'PL011';
  /** The raw interrupts. */
  #raw = 0;
  readonly #alwaysOn: boolean;

  /** `sbsa`: the generic UART, which firmware has set up and which has no UARTCR or UARTLCR_H. */
  constructor(parts: UartParts, variant: 'pl011' | 'sbsa' = 'pl011') {
    super(PL011_REGISTERS, 0x1000, FIFO_DEPTH, parts);
    this.#alwaysOn = variant === 'sbsa';
    this.behave({
      UARTDR: { read: () => this.#takeReceived(), write: (value) => this.#send(value) },
      UARTRSR: {
        write: () => {
          this.value.UARTRSR = 0;
        },
      },
      UARTFR: { read: () => this.#flags() },
      UARTRIS: { read: () => this.#raw },
      UARTMIS: { read: () => this.#raw & this.value.UARTIMSC },
      UARTICR: {
        write: (value) => {
          this.#raw &= ~value;
        },
      },
    });
  }

  #send(byte: number): void {
    // The transmit FIFO passes its trigger level as soon as the character has left (DDI 0183G §2.8.2).
    this.#raw |= INTERRUPTS.TX.mask;
    if (this.field('UARTCR', 'LBE') === 0) this.line.send(byte);
    else this.rx.push(byte);
  }

  #takeReceived(): number {
    const { BE } = PL011_REGISTERS.UARTDR.fields;
    const errors = this.rx.isBreak ? BE.mask : 0;
    // UARTRSR has the errors of the character read last (DDI 0183G §3.3.2).
    this.value.UARTRSR = errors >>> PL011_REGISTERS.UARTDR.fields.FE.shift;
    const byte = this.rx.pop();
    if (this.rx.length < this.#rxTrigger()) this.#raw &= ~INTERRUPTS.RX.mask;
    if (this.rx.isEmpty) this.#raw &= ~INTERRUPTS.RT.mask;
    this.receive();
    return byte | errors;
  }

  #rxTrigger(): number {
    if (this.receiveLimit() <= 1) return 1;
    const eighths = RX_TRIGGER_EIGHTHS[this.field('UARTIFLS', 'RXIFLSEL')] ?? 7;
    return (FIFO_DEPTH * eighths) / 8;
  }

  #flags(): number {
    const full = this.rx.length >= Math.max(1, this.receiveLimit()) ? FR.RXFF.mask : 0;
    const empty = this.rx.isEmpty ? FR.RXFE.mask : 0;
    return full | empty | FR.TXFE.mask | FR.CTS.mask | FR.DSR.mask | FR.DCD.mask;
  }

  protected override receiveLimit(): number {
    if (this.#alwaysOn) return FIFO_DEPTH;
    if (this.field('UARTCR', 'UARTEN') === 0 || this.field('UARTCR', 'RXE') === 0) return 0;
    return this.field('UARTLCR_H', 'FEN') === 1 ? FIFO_DEPTH : 1;
  }

  protected override breakArrived(): void {
    this.#raw |= INTERRUPTS.BE.mask;
  }

  protected override arrived(): void {
    this.#raw |= INTERRUPTS.RT.mask;
    if (this.rx.length >= this.#rxTrigger()) this.#raw |= INTERRUPTS.RX.mask;
  }

  protected override updateIrq(): void {
    this.irq.set((this.#raw & this.value.UARTIMSC) !== 0);
  }

  override reset(): void {
    this.#raw = 0;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      raw: kept(
        shape.u32,
        () => this.#raw >>> 0,
        (value) => {
          this.#raw = value;
        },
      ),
    };
  }
}
