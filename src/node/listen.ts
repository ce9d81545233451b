/** Connections from outside: TCP on this machine unless another address is named, or a socket in the filesystem. */
import { type AddressInfo, createServer, type ListenOptions } from 'node:net';
import { type Host, HostError, type HostListener } from '../base/index.ts';
import { connectionOf } from './connection.ts';

const LOOPBACK = '127.0.0.1';
const UNIX = 'unix:';

type OnConnection = Parameters<NonNullable<Host['listen']>>[1];

export function listen(address: string, onConnection: OnConnection): Promise<HostListener> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connectionOf(socket, onConnection);
  });
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

function optionsOf(address: string): ListenOptions {
  return address.startsWith(UNIX) ? { path: address.slice(UNIX.length) } : placeOf(address);
}

/** Of `[HOST:]PORT`: without a host, this machine alone. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  const host = colon <= 0 ? LOOPBACK : address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(address.slice(colon + 1)) };
}

export function shown({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

export function sentenceOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there already';
  if (code === 'EACCES') return 'listening there is not permitted';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address';
  return message;
}
