/** A network for guests behind the host's own sockets: a router on the wire, and what is asked of it. */
export { type Forward, parseUserNetwork, type UserNetworkOptions } from './forward.ts';
export { UserNetwork, type UserNetworkParts } from './user-network.ts';
