/** Connections from outside: TCP on this machine unless another address is named, or a socket in the filesystem. */
import { type AddressInfo, createServer, type ListenOptions, type Socket } from 'node:net';
import { type Host, HostError, type HostListener } from '../base/index.ts';

const LOOPBACK = '127.0.0.1';
const UNIX = 'unix:';

type OnConnection = Parameters<NonNullable<Host['listen']>>[1];

export function listen(address: string, onConnection: OnConnection): Promise<HostListener> {
  const server = createServer((socket) => connect(socket, onConnection));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new HostError(error.code ?? 'EIO', address, sentenceOf(error))),
    );
    server.listen(optionsOf(address), () => {
      const place = server.address();
      resolve({
        address: place === null || typeof place === 'string' ? `${UNIX}${place}` : shown(place),
        close: () => server.close(),
      });
    });
  });
}

function connect(socket: Socket, onConnection: OnConnection): void {
  socket.setNoDelay(true);
  const { onBytes, onEnd } = onConnection({
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    close: () => socket.end(),
  });
  socket.on('data', onBytes);
  // What follows an error is the end.
  socket.on('error', () => {});
  socket.once('close', onEnd);
}

function optionsOf(address: string): ListenOptions {
  if (address.startsWith(UNIX)) return { path: address.slice(UNIX.length) };
  const colon = address.lastIndexOf(':');
  const host = colon <= 0 ? LOOPBACK : address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(address.slice(colon + 1)) };
}

function shown({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function sentenceOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there already';
  if (code === 'EACCES') return 'listening there is not permitted';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address';
  return message;
}
