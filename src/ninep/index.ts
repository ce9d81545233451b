/** A file server for guests: 9P2000.L over one directory of the host's. */
export { NinepServer, type NinepShare } from './server.ts';
