/** A TCP connection of a guest's joined with one of the host's: what comes in at one end goes out at the other, as fast as that takes it. */
import type { HostConnection, HostConnectionEvents } from '../../base/index.ts';
import { TcpConnection, type TcpContent, type TcpOwner } from './connection.ts';

/** Bytes that wait in either direction before the sender is held up. */
const WAITING_LIMIT_BYTES = 0x1_0000;
const REFUSED: readonly (string | undefined)[] = ['ECONNREFUSED', 'ECONNRESET'];

/** What a flow needs of the network. */
export interface TcpFlowParts {
  nowNs(): number;
  send(segment: TcpContent): void;
  /** Something has happened outside, or a deadline has moved. */
  changed(): void;
  /** The place outside can't be reached. */
  onUnreachable(): void;
}

export class TcpFlow {
  readonly connection: TcpConnection;
  readonly #parts: TcpFlowParts;
  #stream: HostConnection | undefined;
  #isOpen = false;
  /** The outer end is over, so that nothing is to be done to it any more. */
  #isStreamOver = false;

  constructor(parts: TcpFlowParts) {
    this.#parts = parts;
    this.connection = new TcpConnection(this.#owner());
  }

  /** The guest has begun it: `connect` begins the outer half. */
  connectOutside(connect: (events: HostConnectionEvents & { onOpen(): void }) => HostConnection): void {
    this.#stream = connect({
      ...this.#events(),
      onOpen: () => {
        this.#isOpen = true;
        this.connection.accept();
        this.#parts.changed();
      },
    });
  }

  /** Somebody outside has begun it. */
  connectGuest(stream: HostConnection): HostConnectionEvents {
    this.#stream = stream;
    this.#isOpen = true;
    stream.setReading(false);
    this.connection.open();
    return this.#events();
  }

  /** The run is over. */
  close(): void {
    if (!this.#isStreamOver) this.#stream?.reset();
    this.#isStreamOver = true;
  }

  #events(): HostConnectionEvents {
    return {
      onBytes: (bytes) => {
        this.connection.write(bytes);
        this.#regulate();
        this.#parts.changed();
      },
      onClosed: () => {
        this.connection.finish();
        this.#parts.changed();
      },
      onDrained: () => {
        this.connection.roomChanged();
        this.#parts.changed();
      },
      onEnd: (code) => {
        this.#isStreamOver = true;
        if (code === undefined) this.connection.finish();
        else if (this.#isOpen || REFUSED.includes(code)) this.connection.reset();
        else this.#parts.onUnreachable();
        this.#parts.changed();
      },
    };
  }

  #owner(): TcpOwner {
    const flow = this;
    return {
      get nowNs() {
        return flow.#parts.nowNs();
      },
      send: (segment) => this.#parts.send(segment),
      roomBytes: () => Math.max(0, WAITING_LIMIT_BYTES - (this.#stream?.unsentBytes ?? 0)),
      onBytes: (bytes) => this.#stream?.write(bytes),
      onAcknowledged: () => this.#regulate(),
      onOpen: () => this.#stream?.setReading(true),
      onClosed: () => this.#stream?.close(),
      onEnd: (isReset) => {
        if (isReset) this.close();
      },
    };
  }

  #regulate(): void {
    this.#stream?.setReading(this.connection.unsentBytes < WAITING_LIMIT_BYTES);
  }
}
