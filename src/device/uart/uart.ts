/**
 * What every UART model has: a serial line, an interrupt line, and a receive FIFO between them. Sent characters leave at
 * once, so every transmitter is always empty and idle.
 */
import type { Saved } from '../../base/index.ts';
import type { IrqLine } from '../contract.ts';
import { ReceiveFifo } from '../fifo.ts';
import { RegisterDevice } from '../register-device.ts';
import type { RegisterMap } from '../registers.ts';
import type { SerialLine } from '../serial-line.ts';

export interface UartParts {
  readonly irq: IrqLine;
  readonly line: SerialLine;
}

export abstract class Uart<M extends RegisterMap> extends RegisterDevice<M> {
  protected readonly irq: IrqLine;
  protected readonly line: SerialLine;
  protected readonly rx: ReceiveFifo;

  constructor(map: M, sizeBytes: number, fifoDepth: number, parts: UartParts) {
    super(map, sizeBytes);
    this.irq = parts.irq;
    this.line = parts.line;
    this.rx = new ReceiveFifo(fifoDepth, parts.line);
    parts.line.onInput = () => this.receive();
  }

  /** How many characters the receiver holds as it is set now: 0 while it is off. */
  protected abstract receiveLimit(): number;

  /** Called with the number of characters that came in; the place for interrupts that mark an arrival. */
  protected arrived(_count: number): void {}

  /** Called when a BREAK came in, before {@link arrived}; it is counted there as a character. */
  protected breakArrived(): void {}

  /** Takes typed characters from the line as far as there is room. Called again whenever room may have been made. */
  protected receive(): void {
    const hadBreak = this.rx.hasBreak;
    const count = this.rx.fill(this.receiveLimit());
    if (!hadBreak && this.rx.hasBreak) this.breakArrived();
    if (count > 0) this.arrived(count);
    this.updateIrq();
  }

  /** The oldest received character, and room for the next. */
  protected takeReceived(): number {
    const byte = this.rx.pop();
    this.receive();
    return byte;
  }

  /** Drives the interrupt line from the registers. */
  protected updateIrq(): void {}

  protected override changed(): void {
    this.receive();
  }

  override reset(): void {
    this.rx.clear();
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      received: this.rx.saved,
    };
  }
}
