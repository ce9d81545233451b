/** What a program needs beside its symbols. */
import type { BlockStore, EthernetWire } from '../device/index.ts';
import type { ProgramFactory } from '../sel4/index.ts';
import type { NetworkReach } from './network-virtualiser.ts';
import type { SerialOptions } from './serial-virtualisers.ts';
import type { DiskShare } from './served-block-virtualiser.ts';

/** What the host gives to programs that reach beyond the machine. */
export interface ProgramResources {
  /** The store of a block virtualiser, by its protection domain. */
  readonly stores?: ReadonlyMap<string, BlockStore>;
  /** What a served disk's virtualiser's clients have of it, by its protection domain and the client's number. */
  readonly shares?: ReadonlyMap<string, ReadonlyMap<number, DiskShare>>;
  /** The wire that network virtualisers have a port on. */
  readonly wire?: EthernetWire;
  /** The addresses of a network virtualiser's clients, by its protection domain and the client's number. */
  readonly macAddresses?: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;
  /** Whom a network virtualiser's clients may send to, by the same; everybody, where nothing is said of a client. */
  readonly reaches?: ReadonlyMap<string, ReadonlyMap<number, NetworkReach>>;
  /** What the entropy virtualiser's bytes begin with; 0 where it is not given, and no bytes at all where there is no source of any. */
  readonly seed?: number | 'none';
  /** Colours and switch key of a shared UART, by its virtualisers' protection domains. */
  readonly consoles?: ReadonlyMap<string, SerialOptions>;
  /** Sees what each client of a serial virtualiser sends, by the virtualiser's protection domain and the client's number. */
  readonly serial?: (pd: string, client: number, bytes: Uint8Array) => void;
}

/** A program for a domain; none where the host does not give what it needs. */
export type ProgramMaker = (pd: string, resources: ProgramResources) => ProgramFactory | undefined;
