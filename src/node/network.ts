/** The host's networks, as a client: TCP and UDP by Node's sockets, with this process's rights and no others. */
import { createSocket, type Socket } from 'node:dgram';
import { getServers } from 'node:dns';
import { connect } from 'node:net';
import { type HostDatagrams, HostError, type HostNetwork } from '../base/index.ts';
import { connectionOf } from './connection.ts';
import { placeOf, sentenceOf, shown } from './listen.ts';

type OnDatagram = Parameters<HostNetwork['openDatagrams']>[1];

function openDatagrams(address: string | undefined, onDatagram: OnDatagram): Promise<HostDatagrams> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address: host, port }) => onDatagram(bytes, host, port));
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(new HostError(error.code ?? 'EIO', address ?? '', sentenceOf(error))),
    );
    const ready = (): void => {
      // A datagram that can't be sent is lost, as on any network.
      socket.removeAllListeners('error').on('error', () => {});
      resolve(datagramsOf(socket));
    };
    if (address === undefined) socket.bind(0, ready);
    else {
      const { host, port } = placeOf(address);
      socket.bind(port, host, ready);
    }
  });
}

function datagramsOf(socket: Socket): HostDatagrams {
  let isOpen = true;
  return {
    address: shown(socket.address()),
    send: (bytes, host, port) => {
      if (isOpen) socket.send(bytes, port, host, () => {});
    },
    close: () => {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

export const nodeNetwork: HostNetwork = {
  connect(host, port, events) {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once('connect', events.onOpen);
    return connectionOf(socket, () => events);
  },
  openDatagrams,
  get nameServers() {
    return getServers();
  },
};
