/**
 * i.MX UART: the registers as the i.MX 8M reference manual (IMX8MDQLQRM) names them, the behaviour as Linux
 * 6.1's `imx.c` needs it.
 * Left out: DMA, RTS and CTS, infrared, escape sequences, automatic baud detection.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { bit, bits, reg, registerMap, status, unmodelled } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

export const IMX_UART_REGISTERS = registerMap({
  URXD: reg(
    0x00,
    {
      RX_DATA: status(7, 0),
      PRERR: status(10),
      BRK: status(11),
      FRMERR: status(12),
      OVRRUN: status(13),
      ERR: status(14),
      CHARRDY: status(15),
    },
    { access: 'ro' },
  ),
  UTXD: reg(0x40, { TX_DATA: bits(7, 0) }, { access: 'wo' }),
  UCR1: reg(0x80, {
    UARTEN: bit(0),
    OTHER: unmodelled(5, 1),
    TXMPTYEN: bit(6),
    IREN: unmodelled(8, 7),
    RRDYEN: bit(9),
    IDLE: unmodelled(12, 10),
    TRDYEN: bit(13),
    ADBR: unmodelled(15, 14),
  }),
  UCR2: reg(
    0x84,
    { SRST: bit(0), RXEN: bit(1), TXEN: unmodelled(2), ATEN: bit(3), LINE: unmodelled(15, 4) },
    { reset: 0x0001 },
  ),
  UCR3: reg(0x88, { OTHER: unmodelled(15, 0) }, { reset: 0x0700 }),
  UCR4: reg(
    0x8c,
    { DREN: bit(0), OTHER: unmodelled(2, 1), TCEN: bit(3), REST: unmodelled(15, 4) },
    { reset: 0x8000 },
  ),
  UFCR: reg(0x90, { RXTL: bits(5, 0), REST: unmodelled(15, 6) }, { reset: 0x0801 }),
  USR1: reg(0x94, {
    OTHER: status(7, 0),
    AGTIM: bit(8),
    RRDY: status(9),
    ERRORS: status(12, 10),
    TRDY: status(13),
    RTSS: status(14),
  }),
  USR2: reg(0x98, {
    RDR: status(0),
    ORE: status(1),
    BRCD: bit(2),
    TXDC: status(3),
    OTHER: status(13, 4),
    TXFE: status(14),
  }),
  UESC: reg(0x9c, { ESC: unmodelled(7, 0) }, { reset: 0x2b }),
  UTIM: reg(0xa0, { TIM: unmodelled(11, 0) }),
  UBIR: reg(0xa4, { INC: unmodelled(15, 0) }),
  UBMR: reg(0xa8, { MOD: unmodelled(15, 0) }),
  UBRC: reg(0xac, { BCNT: status(15, 0) }, { access: 'ro', reset: 4 }),
  ONEMS: reg(0xb0, { ONEMS: unmodelled(23, 0) }),
  UTS: reg(0xb4, {
    SOFTRST: status(0),
    RXFULL: status(3),
    TXFULL: status(4),
    RXEMPTY: status(5),
    TXEMPTY: status(6),
    LOOP: bit(12),
  }),
  UMCR: reg(0xb8, { RS485: unmodelled(15, 0) }),
});

const FIFO_DEPTH = 32;
const R = IMX_UART_REGISTERS;

/** NXP i.MX's UART. */
export class ImxUart extends Uart<typeof IMX_UART_REGISTERS> {
  readonly model = 'i.MX UART';
  /** USR1.AGTIM: characters have waited below the trigger level for eight character times. */
  #aged = false;
  /** USR2.BRCD: a BREAK was detected. Told with its character, so that none before it is taken for it. */
  #broken = false;

  constructor(parts: UartParts) {
    super(IMX_UART_REGISTERS, 0x4000, FIFO_DEPTH, parts);
    this.behave({
      URXD: { read: () => this.#receiveData() },
      UTXD: { write: (value) => this.#send(value) },
      UCR2: { write: (value) => this.#control2(value) },
      USR1: {
        read: () => this.#status1(),
        write: (value) => {
          if ((value & R.USR1.fields.AGTIM.mask) !== 0) this.#aged = false;
        },
      },
      USR2: {
        read: () => this.#status2(),
        write: (value) => {
          if ((value & R.USR2.fields.BRCD.mask) !== 0) this.#broken = false;
        },
      },
      UTS: { read: () => this.#testStatus() },
    });
  }

  #receiveData(): number {
    if (this.rx.isEmpty) return 0;
    const { BRK, ERR, CHARRDY } = R.URXD.fields;
    const errors = this.rx.isBreak ? BRK.mask | ERR.mask : 0;
    if (this.rx.isBreak) this.#broken = true;
    const byte = this.takeReceived();
    if (this.rx.isEmpty) this.#aged = false;
    this.updateIrq();
    return byte | errors | CHARRDY.mask;
  }

  #send(byte: number): void {
    if (this.field('UTS', 'LOOP') === 1) this.rx.push(byte);
    else this.line.send(byte);
  }

  /** SRST is low-active and reads as one again when the reset is done, which here is at once. */
  #control2(value: number): void {
    if ((value & R.UCR2.fields.SRST.mask) === 0) {
      this.rx.clear();
      this.#aged = false;
      this.#broken = false;
    }
    this.value.UCR2 = value | R.UCR2.fields.SRST.mask;
  }

  get #ready(): boolean {
    return this.rx.length >= Math.max(1, this.field('UFCR', 'RXTL'));
  }

  #status1(): number {
    const { AGTIM, RRDY, TRDY, RTSS } = R.USR1.fields;
    return TRDY.mask | RTSS.mask | (this.#ready ? RRDY.mask : 0) | (this.#aged ? AGTIM.mask : 0);
  }

  #status2(): number {
    const { RDR, TXDC, TXFE, BRCD } = R.USR2.fields;
    return TXFE.mask | TXDC.mask | (this.rx.isEmpty ? 0 : RDR.mask) | (this.#broken ? BRCD.mask : 0);
  }

  #testStatus(): number {
    const { RXEMPTY, RXFULL, TXEMPTY } = R.UTS.fields;
    const full = this.rx.length === FIFO_DEPTH ? RXFULL.mask : 0;
    return this.value.UTS | TXEMPTY.mask | full | (this.rx.isEmpty ? RXEMPTY.mask : 0);
  }

  protected override receiveLimit(): number {
    const on = this.field('UCR1', 'UARTEN') === 1 && this.field('UCR2', 'RXEN') === 1;
    return on && this.field('UTS', 'LOOP') === 0 ? FIFO_DEPTH : 0;
  }

  protected override arrived(): void {
    this.#aged = true;
  }

  protected override updateIrq(): void {
    const transmit =
      this.field('UCR1', 'TRDYEN') === 1 ||
      this.field('UCR1', 'TXMPTYEN') === 1 ||
      this.field('UCR4', 'TCEN') === 1;
    const receive =
      (this.field('UCR1', 'RRDYEN') === 1 && this.#ready) ||
      (this.field('UCR2', 'ATEN') === 1 && this.#aged) ||
      (this.field('UCR4', 'DREN') === 1 && !this.rx.isEmpty);
    this.irq.set(this.field('UCR1', 'UARTEN') === 1 && (transmit || receive));
  }

  override reset(): void {
    this.#aged = false;
    this.#broken = false;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      broken: kept(
        shape.flag,
        () => this.#broken,
        (value) => {
          this.#broken = value;
        },
      ),
      aged: kept(
        shape.flag,
        () => this.#aged,
        (value) => {
          this.#aged = value;
        },
      ),
    };
  }
}
