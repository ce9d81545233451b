/**
 * The i.MX UART (IMX8MDQLQRM, chapter 16.2) for a native driver, from i.MX 21 on. The line's speed is as firmware left it; so is
 * the level below which the transmit FIFO asks for more.
 */
import type { RegisterWindow } from '../../sel4/index.ts';
import type { UartHardware } from './driver.ts';

export function imx(registers: RegisterWindow): UartHardware {
  const [URXD, UTXD, UCR1, UCR2, UFCR, UTS] = [0x00, 0x40, 0x80, 0x84, 0x90, 0xb4];
  const [UARTEN, RRDYEN, TRDYEN] = [1 << 0, 1 << 9, 1 << 13];
  const DMA_ENABLES = (1 << 2) | (1 << 3) | (1 << 8);
  const [SRST, RXEN, TXEN] = [1 << 0, 1 << 1, 1 << 2];
  const RXTL = 0x3f;
  const [TXFULL, RXEMPTY] = [1 << 4, 1 << 5];
  const change = (register: number, set: number, clear: number) =>
    registers.write(register, (registers.read(register) & ~clear) | set);
  return {
    enable: () => {
      // One character received is an interrupt.
      change(UFCR, 1, RXTL);
      change(UCR2, SRST | RXEN | TXEN, 0);
      change(UCR1, UARTEN | RRDYEN, TRDYEN | DMA_ENABLES);
    },
    get canSend() {
      return (registers.read(UTS) & TXFULL) === 0;
    },
    send: (byte) => registers.write(UTXD, byte),
    receive: () => ((registers.read(UTS) & RXEMPTY) !== 0 ? undefined : registers.read(URXD) & 0xff),
    waitForRoom: (waits) => (waits ? change(UCR1, TRDYEN, 0) : change(UCR1, 0, TRDYEN)),
    // They are levels, gone with their cause.
    clearInterrupts: () => {},
  };
}
