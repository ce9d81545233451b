/** One TCP connection or socket of the filesystem, as a host's. */
import type { Socket } from 'node:net';
import type { HostConnection, HostConnectionEvents } from '../base/index.ts';

/** Makes a connection of a socket that may be half open, and tells who wants to hear it what the other end does. */
export function connectionOf(
  socket: Socket,
  eventsFor: (connection: HostConnection) => HostConnectionEvents,
): HostConnection {
  socket.setNoDelay(true);
  const connection: HostConnection = {
    write: (bytes) => {
      if (!socket.writable) return;
      socket.write(bytes, () => {
        if (socket.writableLength === 0) onDrained?.();
      });
    },
    get unsentBytes() {
      return socket.writableLength;
    },
    close: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    setReading: (isReading) => void (isReading ? socket.resume() : socket.pause()),
  };
  const { onBytes, onClosed, onDrained, onEnd } = eventsFor(connection);
  let code: string | undefined;
  socket.on('data', onBytes);
  socket.on('end', onClosed ?? (() => socket.end()));
  // What follows an error is the end.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? 'EIO';
  });
  socket.once('close', () => onEnd(code));
  return connection;
}
