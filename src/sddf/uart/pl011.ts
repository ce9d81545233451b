/** The Arm PL011 (DDI 0183G) for a native driver. The line's speed is as firmware left it. */
import type { RegisterWindow } from '../../sel4/index.ts';
import type { UartHardware } from './driver.ts';

export function pl011(registers: RegisterWindow): UartHardware {
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
