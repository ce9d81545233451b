/**
 * Cadence UART of the Zynq UltraScale+ and Zynq-7000: the registers as the Zynq UltraScale+ register
 * reference (UG1087) names them, the behaviour as Linux 6.1's `xilinx_uartps.c` needs it. Left out: modem lines, remote loop-back, errors other than breaks, baud rate.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { bit, bits, reg, registerMap, status, unmodelled } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

/** The interrupts, in the same places of IER, IDR, IMR and ISR. */
const INTERRUPTS = {
  RTRIG: bit(0),
  REMPTY: bit(1),
  RFUL: bit(2),
  TEMPTY: bit(3),
  TFUL: bit(4),
  ROVR: unmodelled(5),
  FRAMING: bit(6),
  PARITY: unmodelled(7),
  TIMEOUT: bit(8),
  REST: unmodelled(12, 9),
  RBRK: bit(13),
} as const;

export const CADENCE_UART_REGISTERS = registerMap({
  CR: reg(
    0x00,
    {
      RXRST: bit(0),
      TXRST: bit(1),
      RXEN: bit(2),
      RXDIS: bit(3),
      TXEN: unmodelled(4),
      TXDIS: unmodelled(5),
      RSTTO: bit(6),
      BREAK: unmodelled(8, 7),
    },
    { reset: 0x128 },
  ),
  MR: reg(0x04, { LINE: unmodelled(7, 0), CHMODE: bits(9, 8), REST: unmodelled(13, 10) }),
  IER: reg(0x08, INTERRUPTS, { access: 'wo' }),
  IDR: reg(0x0c, INTERRUPTS, { access: 'wo' }),
  IMR: reg(0x10, INTERRUPTS, { access: 'ro' }),
  ISR: reg(0x14, INTERRUPTS),
  BAUDGEN: reg(0x18, { CD: unmodelled(15, 0) }, { reset: 0x28b }),
  RXTOUT: reg(0x1c, { RTO: bits(7, 0) }),
  RXWM: reg(0x20, { RTRIG: bits(5, 0) }, { reset: 0x20 }),
  MODEMCR: reg(0x24, { MODEM: unmodelled(5, 0) }),
  MODEMSR: reg(
    0x28,
    { CHANGES: status(3, 0), CTS: status(4), DSR: status(5), RI: status(6), DCD: status(7) },
    { access: 'ro' },
  ),
  SR: reg(
    0x2c,
    {
      RTRIG: status(0),
      REMPTY: status(1),
      RFUL: status(2),
      TEMPTY: status(3),
      TFUL: status(4),
      RACTIVE: status(10),
      TACTIVE: status(11),
    },
    { access: 'ro' },
  ),
  FIFO: reg(0x30, { DATA: bits(7, 0) }),
  BAUDDIV: reg(0x34, { BDIV: unmodelled(7, 0) }, { reset: 0xf }),
  FLOWDEL: reg(0x38, { FDEL: unmodelled(5, 0) }),
  IRRXPW: reg(0x3c, { WIDTH: unmodelled(15, 0) }),
  IRTXPW: reg(0x40, { WIDTH: unmodelled(7, 0) }),
  TXWM: reg(0x44, { TTRIG: unmodelled(5, 0) }, { reset: 0x20 }),
  /** Of the byte that is read next; those of the three after it are left out. */
  RXBS: reg(
    0x48,
    { BYTE0_PARITY: status(0), BYTE0_FRAMING: status(1), BYTE0_BREAK: status(2), OTHERS: status(11, 3) },
    { access: 'ro' },
  ),
});

const FIFO_DEPTH = 64;
const LOCAL_LOOPBACK = 2;
const MODEM_READY = 0xb0;
const ISR = CADENCE_UART_REGISTERS.ISR.fields;
const SR = CADENCE_UART_REGISTERS.SR.fields;
const RXBS = CADENCE_UART_REGISTERS.RXBS.fields;

/** Cadence's UART, which Zynq has. */
export class CadenceUart extends Uart<typeof CADENCE_UART_REGISTERS> {
  readonly model = 'Cadence UART';
  /** ISR: conditions that came and have not been cleared. */
  #pending = 0;
  #mask = 0;

  constructor(parts: UartParts) {
    super(CADENCE_UART_REGISTERS, 0x1000, FIFO_DEPTH, parts);
    this.behave({
      CR: { write: (value, previous) => this.#control(value, previous) },
      IER: {
        write: (value) => {
          this.#mask |= value;
        },
      },
      IDR: {
        write: (value) => {
          this.#mask &= ~value;
        },
      },
      IMR: { read: () => this.#mask },
      ISR: {
        read: () => this.#pending,
        write: (value) => {
          this.#pending &= ~value;
        },
      },
      MODEMSR: { read: () => MODEM_READY },
      SR: { read: () => this.#status() },
      RXBS: { read: () => (this.rx.isBreak ? RXBS.BYTE0_BREAK.mask | RXBS.BYTE0_FRAMING.mask : 0) },
      FIFO: { read: () => this.takeReceived(), write: (value) => this.#send(value) },
    });
  }

  #control(value: number, previous: number): void {
    const fields = CADENCE_UART_REGISTERS.CR.fields;
    if ((value & fields.RXRST.mask) !== 0) this.rx.clear();
    // Enable and disable are two bits, and disable wins.
    const enabled =
      (value & fields.RXDIS.mask) !== 0 ? false : (value & fields.RXEN.mask) !== 0 || wasOn(previous);
    const kept =
      value &
      ~(fields.RXRST.mask | fields.TXRST.mask | fields.RSTTO.mask | fields.RXEN.mask | fields.RXDIS.mask);
    this.value.CR = (kept | (enabled ? fields.RXEN.mask : fields.RXDIS.mask)) >>> 0;
  }

  #send(byte: number): void {
    if (this.field('MR', 'CHMODE') === LOCAL_LOOPBACK) this.rx.push(byte);
    else this.line.send(byte);
    this.#pending |= ISR.TEMPTY.mask;
  }

  #status(): number {
    const { length } = this.rx;
    const trigger = this.field('RXWM', 'RTRIG');
    return (
      SR.TEMPTY.mask |
      (length === 0 ? SR.REMPTY.mask : 0) |
      (length === FIFO_DEPTH ? SR.RFUL.mask : 0) |
      (trigger > 0 && length >= trigger ? SR.RTRIG.mask : 0)
    );
  }

  protected override receiveLimit(): number {
    return wasOn(this.value.CR) && this.field('MR', 'CHMODE') !== LOCAL_LOOPBACK ? FIFO_DEPTH : 0;
  }

  protected override breakArrived(): void {
    this.#pending |= ISR.FRAMING.mask | ISR.RBRK.mask;
  }

  protected override arrived(): void {
    const trigger = this.field('RXWM', 'RTRIG');
    if (trigger > 0 && this.rx.length >= trigger) this.#pending |= ISR.RTRIG.mask;
    if (this.rx.length === FIFO_DEPTH) this.#pending |= ISR.RFUL.mask;
    if (this.field('RXTOUT', 'RTO') > 0) this.#pending |= ISR.TIMEOUT.mask;
  }

  protected override updateIrq(): void {
    this.irq.set((this.#pending & this.#mask) !== 0);
  }

  override reset(): void {
    this.#pending = 0;
    this.#mask = 0;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      pending: kept(
        shape.u32,
        () => this.#pending >>> 0,
        (value) => {
          this.#pending = value;
        },
      ),
      mask: kept(
        shape.u32,
        () => this.#mask >>> 0,
        (value) => {
          this.#mask = value;
        },
      ),
    };
  }
}

function wasOn(control: number): boolean {
  const { RXEN, RXDIS } = CADENCE_UART_REGISTERS.CR.fields;
  return (control & RXEN.mask) !== 0 && (control & RXDIS.mask) === 0;
}
