/**
 * NXP LPUART with 32-bit registers: the registers as NXP's manuals name them, the behaviour as Linux 6.1's
 * `fsl_lpuart.c` needs it. The i.MX ones have four identification registers before the rest, the Layerscape ones have not.
 * The receiver reports data as soon as it has any, as if its idle detection were on.
 * A BREAK is a character of zeros with a framing error. Left out: DMA, address matching, other errors, baud rate, and the big-endian and 8-bit kinds of 32-bit Arm chips.
 */
import {
  bit,
  bits,
  constant,
  REMEMBERED,
  type RegisterMap,
  reg,
  registerMap,
  status,
  unmodelled,
} from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

function dataRegisters(base: number) {
  return {
    BAUD: reg(base + 0x00, REMEMBERED, { reset: 0x0f00_0004 }),
    STAT: reg(base + 0x04, {
      PF: status(16),
      FE: status(17),
      NF: status(18),
      OR: status(19),
      IDLE: status(20),
      RDRF: status(21),
      TC: status(22),
      TDRE: status(23),
      OTHER: unmodelled(31, 24),
    }),
    CTRL: reg(base + 0x08, {
      LINE: unmodelled(17, 0),
      RE: bit(18),
      TE: unmodelled(19),
      ILIE: unmodelled(20),
      RIE: bit(21),
      TCIE: bit(22),
      TIE: bit(23),
      ERRORS: unmodelled(31, 24),
    }),
    DATA: reg(
      base + 0x0c,
      { DATA: bits(9, 0), IDLINE: status(11), RXEMPT: status(12), FRETSC: status(13) },
      { reset: 0x1000 },
    ),
    MATCH: reg(base + 0x10, REMEMBERED),
    MODIR: reg(base + 0x14, REMEMBERED),
    FIFO: reg(base + 0x18, {
      RXFIFOSIZE: status(2, 0),
      RXFE: bit(3),
      TXFIFOSIZE: status(6, 4),
      TXFE: unmodelled(7),
      IDLE: unmodelled(12, 8),
      RXFLUSH: bit(14),
      TXFLUSH: bit(15),
      FLAGS: status(17, 16),
      RXEMPT: status(22),
      TXEMPT: status(23),
    }),
    WATER: reg(base + 0x1c, {
      TXWATER: unmodelled(7, 0),
      TXCOUNT: status(15, 8),
      RXWATER: unmodelled(23, 16),
      RXCOUNT: status(31, 24),
    }),
  };
}

type DataMap = ReturnType<typeof dataRegisters>;

/** Before the rest on i.MX: version, parameters (FIFOs of 2^5 words) and the software reset. */
const IDENTIFICATION: RegisterMap = {
  VERID: constant(0x00, 0x0401_0003),
  PARAM: constant(0x04, 0x0000_0505),
  GLOBAL: reg(0x08, { RST: bit(1) }),
  PINCFG: reg(0x0c, { TRGSEL: unmodelled(1, 0) }),
};

const IMX_OFFSET = 0x10;

function lpuartRegisters(variant: 'imx' | 'layerscape'): DataMap & RegisterMap {
  return registerMap(
    variant === 'imx' ? { ...IDENTIFICATION, ...dataRegisters(IMX_OFFSET) } : { ...dataRegisters(0) },
  );
}

const FIFO_DEPTH = 32;
/** FIFO sizes as the field says them: 2^(n+1). */
const FIFO_SIZE_FIELD = 4;
const FIELDS = dataRegisters(0);

/** NXP's low-power UART, with registers of 8 or 32 bits. */
export class Lpuart extends Uart<DataMap & RegisterMap> {
  readonly model = 'LPUART';

  constructor(parts: UartParts, variant: 'imx' | 'layerscape' = 'imx') {
    super(lpuartRegisters(variant), 0x1000, FIFO_DEPTH, parts);
    this.behave({
      STAT: { read: () => this.#status() },
      DATA: {
        read: () => this.#data(),
        write: (value) => this.line.send(value & 0xff),
      },
      FIFO: { read: () => this.#fifo(), write: (value) => this.#writeFifo(value) },
      WATER: { read: () => (this.value.WATER | (this.rx.length << 24)) >>> 0 },
      GLOBAL: { write: (value) => this.#global(value) },
    });
  }

  #data(): number {
    const { RXEMPT, FRETSC } = FIELDS.DATA.fields;
    if (this.rx.isEmpty) return RXEMPT.mask;
    const errors = this.rx.isBreak ? FRETSC.mask : 0;
    return this.takeReceived() | errors;
  }

  #status(): number {
    const { TDRE, TC, RDRF, FE } = FIELDS.STAT.fields;
    const received = (this.rx.isEmpty ? 0 : RDRF.mask) | (this.rx.isBreak ? FE.mask : 0);
    return (this.value.STAT | TDRE.mask | TC.mask | received) >>> 0;
  }

  #fifo(): number {
    const { TXEMPT, RXEMPT } = FIELDS.FIFO.fields;
    const sizes = FIFO_SIZE_FIELD | (FIFO_SIZE_FIELD << 4);
    return this.value.FIFO | sizes | TXEMPT.mask | (this.rx.isEmpty ? RXEMPT.mask : 0);
  }

  #writeFifo(value: number): void {
    const { RXFLUSH, TXFLUSH } = FIELDS.FIFO.fields;
    if ((value & RXFLUSH.mask) !== 0) this.rx.clear();
    this.value.FIFO = value & ~(RXFLUSH.mask | TXFLUSH.mask);
  }

  #global(value: number): void {
    if (value !== 0) this.reset();
  }

  protected override receiveLimit(): number {
    if (this.field('CTRL', 'RE') === 0) return 0;
    return this.field('FIFO', 'RXFE') === 1 ? FIFO_DEPTH : 1;
  }

  protected override updateIrq(): void {
    const transmit = this.field('CTRL', 'TIE') === 1 || this.field('CTRL', 'TCIE') === 1;
    this.irq.set(transmit || (this.field('CTRL', 'RIE') === 1 && !this.rx.isEmpty));
  }
}
