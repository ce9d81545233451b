/** A driver of the DWC MAC for tests: RAM, descriptors laid out as Linux does, and a station at the other end of the wire. */
import {
  type BusMaster,
  Dwmac,
  EthernetWire,
  MdioBus,
  Phy,
  RTL8211F,
  SteppedClock,
} from '../../src/device/index.ts';
import { RecordingLine } from './devices.ts';

export const RAM_BASE = 0x8000_0000;
export const RAM_BYTES = 0x1_0000;
const GUARD_BYTES = 0x1000;
const GUARD = 0xa5;

export const R = {
  MAC_Configuration: 0x0000,
  MAC_Frame_Filter: 0x0004,
  Hash_Table_High: 0x0008,
  Hash_Table_Low: 0x000c,
  GMII_Address: 0x0010,
  GMII_Data: 0x0014,
  VLAN_Tag: 0x001c,
  MAC_Address0_High: 0x0040,
  MAC_Address0_Low: 0x0044,
  RGMII: 0x00d8,
  Bus_Mode: 0x1000,
  Transmit_Poll_Demand: 0x1004,
  Receive_Poll_Demand: 0x1008,
  Receive_List: 0x100c,
  Transmit_List: 0x1010,
  Status: 0x1014,
  Operation_Mode: 0x1018,
  Interrupt_Enable: 0x101c,
  Missed: 0x1020,
  Watchdog: 0x1024,
  Current_Transmit: 0x1048,
  Current_Receive: 0x104c,
  HW_Feature: 0x1058,
} as const;

export const STATUS = {
  TI: 1,
  TPS: 2,
  TU: 4,
  TJT: 8,
  OVF: 0x10,
  RI: 0x40,
  RU: 0x80,
  FBI: 0x2000,
  AIS: 0x8000,
  NIS: 0x1_0000,
} as const;
export const MODE = {
  SR: 1 << 1,
  ST: 1 << 13,
  TSF: 1 << 21,
  DFF: 1 << 24,
  RSF: 1 << 25,
  DT: 1 << 26,
} as const;
export const CONF = { RE: 1 << 2, TE: 1 << 3, ACS: 1 << 7, IPC: 1 << 10, LM: 1 << 12, JD: 1 << 22 } as const;
export const OWN = 0x8000_0000;
/** Of the second word of descriptors. */
export const TX = {
  IC: 0x8000_0000,
  LS: 1 << 30,
  FS: 1 << 29,
  CIC: 3 << 27,
  DC: 1 << 26,
  END: 1 << 25,
  CHAIN: 1 << 24,
  DP: 1 << 23,
} as const;
export const RX = { DIC: 0x8000_0000, END: 1 << 25, CHAIN: 1 << 24 } as const;

/** The station's own address. */
export const OWN_ADDRESS = [0x02, 0x11, 0x22, 0x33, 0x44, 0x55] as const;
export const PEER_ADDRESS = [0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee] as const;

export class DwmacDriver {
  readonly clock = new SteppedClock();
  readonly irq = new RecordingLine();
  readonly wire = new EthernetWire(this.clock);
  readonly mac: Dwmac;
  /** What the other station heard. */
  readonly heard: Uint8Array[] = [];
  readonly ram: Uint8Array;
  /** DMA that went beyond RAM. */
  missed = 0;
  readonly #all = new Uint8Array(RAM_BYTES + 2 * GUARD_BYTES).fill(GUARD);
  readonly #view: DataView;
  readonly #peer;

  constructor(receiveFifoBytes = 4096) {
    this.ram = this.#all.subarray(GUARD_BYTES, GUARD_BYTES + RAM_BYTES);
    this.ram.fill(0);
    this.#view = new DataView(this.ram.buffer, this.ram.byteOffset, RAM_BYTES);
    const mdio = new MdioBus();
    mdio.connect(0, 0, new Phy(RTL8211F), true);
    const port = this.wire.connect();
    this.mac = new Dwmac({
      irq: this.irq,
      master: this.#master(),
      clock: this.clock,
      port,
      mdio,
      receiveFifoBytes,
    });
    const peer = this.wire.connect();
    peer.onFrame = () => {
      const frame = peer.take();
      if (frame !== undefined) this.heard.push(frame);
    };
    this.#peer = peer;
  }

  get guardsHold(): boolean {
    const guards = [this.#all.subarray(0, GUARD_BYTES), this.#all.subarray(GUARD_BYTES + RAM_BYTES)];
    return guards.every((guard) => guard.every((byte) => byte === GUARD));
  }

  read(register: number): number {
    return this.mac.read(register, 4);
  }

  write(register: number, value: number): void {
    this.mac.write(register, value >>> 0, 4);
  }

  /** Four words of a descriptor. */
  descriptor(addr: number, ...words: readonly number[]): void {
    for (const [index, word] of words.entries())
      this.#view.setUint32(addr - RAM_BASE + 4 * index, word >>> 0, true);
  }

  word(addr: number): number {
    return this.#view.getUint32(addr - RAM_BASE, true);
  }

  place(addr: number, bytes: Iterable<number>): void {
    this.ram.set([...bytes], addr - RAM_BASE);
  }

  bytes(addr: number, count: number): Uint8Array {
    return this.ram.slice(addr - RAM_BASE, addr - RAM_BASE + count);
  }

  /** Both ways on, all interrupts that Linux enables, the own address; lists at these places. */
  start({
    transmit = RAM_BASE,
    receive = RAM_BASE + 0x1000,
    configuration = 0,
    mode = 0,
    filter = 0,
  } = {}): void {
    this.write(R.Bus_Mode, 1);
    this.write(R.MAC_Address0_High, (OWN_ADDRESS[5] << 8) | OWN_ADDRESS[4]);
    this.write(
      R.MAC_Address0_Low,
      OWN_ADDRESS.slice(0, 4).reduce((all, byte, at) => all + byte * 256 ** at, 0),
    );
    this.write(R.MAC_Frame_Filter, filter);
    this.write(R.Transmit_List, transmit);
    this.write(R.Receive_List, receive);
    this.write(R.Interrupt_Enable, STATUS.NIS | STATUS.AIS | STATUS.FBI | STATUS.RI | STATUS.TI);
    this.write(R.MAC_Configuration, CONF.RE | CONF.TE | configuration);
    this.write(R.Operation_Mode, MODE.SR | MODE.ST | MODE.TSF | MODE.RSF | mode);
  }

  /** The other station sends; it is on the wire until time goes on. */
  hear(frame: Uint8Array): boolean {
    return this.#peer.send(frame);
  }

  /** Lets all that is under way arrive. */
  settle(ns = 10e6): void {
    this.clock.advanceTo(this.clock.nowNs + ns);
  }

  manage(register: number, value?: number): number {
    if (value !== undefined) this.write(R.GMII_Data, value);
    this.write(R.GMII_Address, (register << 6) | (value === undefined ? 1 : 3));
    return this.read(R.GMII_Data);
  }

  #master(): BusMaster {
    const move = (physAddr: number, count: number): number | undefined => {
      const at = physAddr - RAM_BASE;
      if (at >= 0 && at + count <= RAM_BYTES) return at;
      this.missed += 1;
      return undefined;
    };
    return {
      read: (physAddr, target) => {
        const at = move(physAddr, target.length);
        if (at !== undefined) target.set(this.ram.subarray(at, at + target.length));
        return at !== undefined;
      },
      write: (physAddr, content) => {
        const at = move(physAddr, content.length);
        if (at !== undefined) this.ram.set(content, at);
        return at !== undefined;
      },
    };
  }
}

/** A frame with addresses, a type, and a payload that counts. */
export function frameTo(address: readonly number[], payloadBytes: number, type = 0x88b5): Uint8Array {
  const payload = Array.from({ length: payloadBytes }, (_, at) => at & 0xff);
  return Uint8Array.from([...address, ...PEER_ADDRESS, type >> 8, type & 0xff, ...payload]);
}
