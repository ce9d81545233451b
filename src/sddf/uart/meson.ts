/** The Meson UART (S905X3 datasheet) for a native driver. The line's speed is as firmware left it. */
import type { RegisterWindow } from '../../sel4/index.ts';
import type { UartHardware } from './driver.ts';

export function meson(registers: RegisterWindow): UartHardware {
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
