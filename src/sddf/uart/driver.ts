/**
 * Native UART drivers, after sDDF's: characters between a UART's registers and the virtualisers' queues. What is a UART's own is
 * a file beside this one each.
 */
import type { Microkit, Program, ProgramFactory, RegisterWindow } from '../../sel4/index.ts';
import { driverIrqSymbol, driverRegionSymbol } from '../../sharing/index.ts';
import { SerialQueue } from '../serial-queue.ts';
import { lacking, peerOf } from '../symbols.ts';

/** What of a UART a native driver needs to know: the rest is the same for all. */
export interface UartHardware {
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

/** A driver's program. Symbols: `regs`, `irq_ch`, `tx_queue`, `tx_ch`, `rx_queue`, `rx_ch`. */
export function uartDriver(hardwareOf: (registers: RegisterWindow) => UartHardware): ProgramFactory {
  return (microkit) => driverOf(microkit, hardwareOf);
}

function driverOf(microkit: Microkit, hardwareOf: (registers: RegisterWindow) => UartHardware): Program {
  const registers = microkit.registers(microkit.setvar(driverRegionSymbol(0)) ?? -1);
  const irq = microkit.setvar(driverIrqSymbol(0));
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
