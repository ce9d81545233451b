/** A host's networks as a test plays them: each connection and datagram is kept, and answered by hand. */
import type {
  HostConnection,
  HostConnectionEvents,
  HostDatagrams,
  HostNetwork,
} from '../../src/base/index.ts';

export class PlayedConnection implements HostConnection {
  readonly written: Uint8Array[] = [];
  unsentBytes = 0;
  isReading = true;
  end: 'closed' | 'reset' | undefined;
  readonly host: string;
  readonly port: number;
  events: (HostConnectionEvents & { onOpen(): void }) | undefined;

  constructor(host = '', port = 0, events?: HostConnectionEvents & { onOpen(): void }) {
    this.host = host;
    this.port = port;
    this.events = events;
  }

  get text(): string {
    return this.written.map((bytes) => new TextDecoder('latin1').decode(bytes)).join('');
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes.slice());
  }

  close(): void {
    this.end ??= 'closed';
  }

  reset(): void {
    this.end = 'reset';
  }

  setReading(isReading: boolean): void {
    this.isReading = isReading;
  }
}

export interface PlayedSocket {
  readonly address: string | undefined;
  readonly sent: { readonly text: string; readonly host: string; readonly port: number }[];
  readonly receive: (bytes: Uint8Array, host: string, port: number) => void;
  isClosed: boolean;
}

export class PlayedNetwork implements HostNetwork {
  readonly connections: PlayedConnection[] = [];
  readonly sockets: PlayedSocket[] = [];
  nameServers: readonly string[] = ['::1', '192.0.2.53'];

  connect(host: string, port: number, events: HostConnectionEvents & { onOpen(): void }): HostConnection {
    const connection = new PlayedConnection(host, port, events);
    this.connections.push(connection);
    return connection;
  }

  openDatagrams(
    address: string | undefined,
    receive: (bytes: Uint8Array, host: string, port: number) => void,
  ): Promise<HostDatagrams> {
    const socket: PlayedSocket = { address, sent: [], receive, isClosed: false };
    this.sockets.push(socket);
    return Promise.resolve({
      address: address ?? '0.0.0.0:1',
      send: (bytes, host, port) => {
        socket.sent.push({ text: new TextDecoder().decode(bytes), host, port });
      },
      close: () => {
        socket.isClosed = true;
      },
    });
  }
}
