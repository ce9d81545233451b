/**
 * Native UART drivers, after sDDF's: characters between a UART's registers and the virtualisers' queues. The Arm PL011
 * (DDI 0183G) and the Meson UART (S905X3 datasheet). The line's speed is as firmware left it.
 */
import type { Microkit, Program, RegisterWindow } from '../sel4/index.ts';
import { SerialQueue } from './serial-queue.ts';
import { lacking, peerOf } from './symbols.ts';

interface UartHardware {
  enable(): void;
  /** Whether the transmit FIFO takes another character. */
  readonly canSend: boolean;
  send(byte: number): void;
  /** The next received character, or `undefined`. */
  receive(): number | undefined;
  /** Whether the driver waits for room to send: the transmit interrupt is wanted then only. */
  waitForRoom(waits: boolean): void;
  clearInterrupts(): void;
}

function pl011(registers: RegisterWindow): UartHardware {
  const [DR, FR, LCR_H, CR, IMSC, ICR] = [0x000, 0x018, 0x02c, 0x030, 0x038, 0x044];
  const [RXFE, TXFF] = [1 << 4, 1 << 5];
  const [RX, TX, RT] = [1 << 4, 1 << 5, 1 << 6];
  const [FEN, WLEN_8] = [1 << 4, 3 << 5];
  const [UARTEN, TXE, RXE] = [1 << 0, 1 << 8, 1 << 9];
  return {
    enable: () => {
      registers.write(LCR_H, FEN | WLEN_8);
      registers.write(CR, UARTEN | TXE | RXE);
      registers.write(IMSC, RX | RT);
    },
    get canSend() {
      return (registers.read(FR) & TXFF) === 0;
    },
    send: (byte) => registers.write(DR, byte),
    receive: () => ((registers.read(FR) & RXFE) !== 0 ? undefined : registers.read(DR) & 0xff),
    waitForRoom: (waits) => registers.write(IMSC, waits ? RX | RT | TX : RX | RT),
    clearInterrupts: () => registers.write(ICR, RX | TX | RT),
  };
}

function meson(registers: RegisterWindow): UartHardware {
  const [WFIFO, RFIFO, CONTROL, STATUS, MISC] = [0x00, 0x04, 0x08, 0x0c, 0x10];
  const [RX_EMPTY, TX_FULL] = [1 << 20, 1 << 21];
  const [TX_EN, RX_EN, RX_INT, TX_INT] = [1 << 12, 1 << 13, 1 << 27, 1 << 28];
  /** One character received is an interrupt; for sending, an empty half of the FIFO is. */
  const THRESHOLDS = 1 | (32 << 8);
  const control = (set: number, clear: number) =>
    registers.write(CONTROL, ((registers.read(CONTROL) | set) & ~clear) >>> 0);
  return {
    enable: () => {
      registers.write(MISC, THRESHOLDS);
      control(TX_EN | RX_EN | RX_INT, TX_INT);
    },
    get canSend() {
      return (registers.read(STATUS) & TX_FULL) === 0;
    },
    send: (byte) => registers.write(WFIFO, byte),
    receive: () => ((registers.read(STATUS) & RX_EMPTY) !== 0 ? undefined : registers.read(RFIFO) & 0xff),
    waitForRoom: (waits) => (waits ? control(TX_INT, 0) : control(0, TX_INT)),
    // Its interrupts are pulses: there is nothing to clear.
    clearInterrupts: () => {},
  };
}

/** Symbols: `regs`, `irq_ch`, `tx_queue`, `tx_ch`, `rx_queue`, `rx_ch`. */
function uartDriver(microkit: Microkit, hardwareOf: (registers: RegisterWindow) => UartHardware): Program {
  const registers = microkit.registers(microkit.setvar('regs') ?? -1);
  const irq = microkit.setvar('irq_ch');
  const [tx, rx] = [peerOf(microkit, 'tx'), peerOf(microkit, 'rx')];
  if (registers === undefined || irq === undefined || tx === undefined || rx === undefined) {
    lacking(microkit, 'regs, irq_ch, tx_queue, tx_ch, rx_queue and rx_ch');
    return { init() {}, notified() {} };
  }
  const hardware = hardwareOf(registers);
  const [out, typed] = [new SerialQueue(tx.memory), new SerialQueue(rx.memory)];

  const transmit = (): void => {
    let sent = 0;
    while (out.waiting > 0 && hardware.canSend) {
      hardware.send(out.take() ?? 0);
      sent += 1;
    }
    hardware.waitForRoom(out.waiting > 0);
    if (sent > 0) microkit.notify(tx.channel);
  };
  const receive = (): void => {
    let received = 0;
    while (typed.room > 0) {
      const byte = hardware.receive();
      if (byte === undefined) break;
      typed.write(Uint8Array.of(byte));
      received += 1;
    }
    if (received > 0) microkit.notify(rx.channel);
  };
  return {
    init: () => hardware.enable(),
    notified(channel) {
      if (channel === irq) {
        hardware.clearInterrupts();
        receive();
        transmit();
        microkit.irqAck(irq);
      } else if (channel === tx.channel) transmit();
      // The virtualiser has made room: what waits in the UART's FIFO goes on.
      else if (channel === rx.channel) receive();
    },
  };
}

/** `uart_pl011_driver.elf` */
export function uartPl011Driver(microkit: Microkit): Program {
  return uartDriver(microkit, pl011);
}

/** `uart_meson_driver.elf` */
export function uartMesonDriver(microkit: Microkit): Program {
  return uartDriver(microkit, meson);
}
