/**
 * Ethernet PHYs as a management interface sees them: the registers of IEEE 802.3-2018 clause 22, with the link partner and
 * the identity that they are made with. Registers 16 to 30 are the vendor's: in pages, by register 31 (RTL8211F datasheet
 * 1.4 §8.5), and remembered. Auto-negotiation takes no time, so that a link is up as soon as it may be; the interrupt pin,
 * energy-efficient Ethernet and clause 45's registers (13 and 14) are left out.
 */
import { kept, keptMap, type Saved, savedParts, shape } from '../../base/index.ts';

const BMCR = { reset: 1 << 15, loopback: 1 << 14, autoNegotiation: 1 << 12, powerDown: 1 << 11 } as const;
const [BMCR_ISOLATE, BMCR_RESTART, BMCR_FULL_DUPLEX, BMCR_SPEED_1000] = [1 << 10, 1 << 9, 1 << 8, 1 << 6];
/** Registers of clause 22 (table 22-6). */
const R = {
  bmcr: 0,
  bmsr: 1,
  id1: 2,
  id2: 3,
  anar: 4,
  anlpar: 5,
  aner: 6,
  ctrl1000: 9,
  stat1000: 10,
  estatus: 15,
} as const;
const [BMSR_COMPLETE, BMSR_CAN_NEGOTIATE, BMSR_LINK, BMSR_EXTENDED] = [1 << 5, 1 << 3, 1 << 2, 1];
/** 100 and 10 Mbit/s in both duplexes, and a preamble is not needed. */
const BMSR_ABILITIES = 0x7840;
const BMSR_ESTATUS = 1 << 8;
const ANAR_ABILITIES = 0x01e1;
const ANAR_100 = 0x0180;
const BMCR_SPEED_100 = 1 << 13;
const [PHYSR_FULL_DUPLEX, PHYSR_LINK] = [1 << 3, 1 << 2];
const [CTRL1000_FULL, STAT1000_FULL, STAT1000_RECEIVERS] = [1 << 9, 1 << 11, 0x3000];
const ESTATUS_1000_FULL = 1 << 13;
/** What a partner at the other end says: all speeds up to 100 Mbit/s in both duplexes, no pause, and that it has heard us. */
const ANLPAR = 0x41e1;
const ANER_PARTNER = 0x0001;
const PAGE_SELECT = 31;
const VENDOR_FIRST = 16;
const PAGE_MASK = 0xfff;

/** A PHY's identifiers and what its vendor's registers begin with. */
export interface PhyIdentity {
  /** Registers 2 and 3. */
  readonly id: number;
  /** Whether it can do 1 Gbit/s. */
  readonly gigabit: boolean;
  /** Whether a cable leads to a partner. */
  readonly connected: boolean;
  /** The vendor's registers that show what came of negotiation, by page and number. */
  readonly resolved?: readonly { readonly page: number; readonly register: number }[];
}

/** Realtek's RTL8211F, with a cable in. Linux reads PHYSR where the datasheet has none, at 18 instead of 26. */
export const RTL8211F: PhyIdentity = {
  id: 0x001c_c916,
  gigabit: true,
  connected: true,
  resolved: [
    { page: 0xa43, register: 18 },
    { page: 0xa43, register: 26 },
  ],
};
/** The 100 Mbit/s PHY inside Amlogic's G12A and SM1, whose pins lead nowhere on boards with an external one. */
export const AMLOGIC_INTERNAL_PHY: PhyIdentity = { id: 0x0180_3301, gigabit: false, connected: false };

/**
 * A PHY with its cable in: registers of IEEE 802.3 clause 22, the link up once autonegotiation is through.
 */
export class Phy {
  readonly #identity: PhyIdentity;
  #control = 0;
  #advertised = 0;
  #control1000 = 0;
  #page = 0;
  /** Whether the cable is in its socket: somebody's hand, which no reset moves. */
  isCableIn = true;
  /** The vendor's registers, by page and number. */
  readonly #vendor = new Map<number, number>();

  constructor(identity: PhyIdentity) {
    this.#identity = identity;
    this.reset();
  }

  /** Whether frames pass. */
  get linkUp(): boolean {
    const { connected } = this.#identity;
    return (
      connected &&
      this.isCableIn &&
      (this.#control & (BMCR.powerDown | BMCR_ISOLATE | BMCR.loopback)) === 0 &&
      this.#agrees
    );
  }

  /** Whether there is a socket. */
  get hasSocket(): boolean {
    return this.#identity.connected;
  }

  read(register: number): number {
    const { id, gigabit } = this.#identity;
    const negotiated = this.linkUp && this.#negotiates;
    switch (register) {
      case R.bmcr:
        return this.#control;
      case R.bmsr:
        return (
          BMSR_ABILITIES |
          (gigabit ? BMSR_ESTATUS : 0) |
          (negotiated ? BMSR_COMPLETE : 0) |
          BMSR_CAN_NEGOTIATE |
          (this.linkUp ? BMSR_LINK : 0) |
          BMSR_EXTENDED
        );
      case R.id1:
        return id >>> 16;
      case R.id2:
        return id & 0xffff;
      case R.anar:
        return this.#advertised;
      case R.anlpar:
        return negotiated ? ANLPAR : 0;
      case R.aner:
        return negotiated ? ANER_PARTNER : 0;
      case R.ctrl1000:
        return gigabit ? this.#control1000 : 0;
      case R.stat1000:
        return gigabit && negotiated ? STAT1000_FULL | STAT1000_RECEIVERS : 0;
      case R.estatus:
        return gigabit ? ESTATUS_1000_FULL : 0;
      case PAGE_SELECT:
        return this.#page;
      default:
        return register < VENDOR_FIRST ? 0 : this.#readVendor(register);
    }
  }

  write(register: number, value: number): void {
    switch (register) {
      case R.bmcr:
        if ((value & BMCR.reset) !== 0) this.#resetControl();
        else this.#control = value & ~BMCR_RESTART;
        return;
      case R.anar:
        this.#advertised = value;
        return;
      case R.ctrl1000:
        this.#control1000 = value;
        return;
      case PAGE_SELECT:
        this.#page = value & PAGE_MASK;
        return;
      default:
        if (register >= VENDOR_FIRST) this.#vendor.set(this.#vendorKey(register), value);
    }
  }

  /** As after power-on. */
  reset(): void {
    this.#resetControl();
    this.#page = 0;
    this.#vendor.clear();
  }

  get saved(): Saved {
    return savedParts({
      control: kept(
        shape.u16,
        () => this.#control,
        (value) => {
          this.#control = value;
        },
      ),
      advertised: kept(
        shape.u16,
        () => this.#advertised,
        (value) => {
          this.#advertised = value;
        },
      ),
      control1000: kept(
        shape.u16,
        () => this.#control1000,
        (value) => {
          this.#control1000 = value;
        },
      ),
      page: kept(
        shape.u16,
        () => this.#page,
        (value) => {
          this.#page = value;
        },
      ),
      isCableIn: kept(
        shape.flag,
        () => this.isCableIn,
        (value) => {
          this.isCableIn = value;
        },
      ),
      vendor: keptMap(this.#vendor, shape.u32, shape.u16),
    });
  }

  get #negotiates(): boolean {
    return (this.#control & BMCR.autoNegotiation) !== 0;
  }

  /** Whether both ends can do something in common; a speed that was forced is what the partner has too. */
  get #agrees(): boolean {
    if (!this.#negotiates) return true;
    const gigabit = this.#identity.gigabit && (this.#control1000 & CTRL1000_FULL) !== 0;
    return gigabit || (this.#advertised & ANAR_ABILITIES & ~1) !== 0;
  }

  #resetControl(): void {
    const { gigabit } = this.#identity;
    this.#control = BMCR.autoNegotiation | BMCR_FULL_DUPLEX | (gigabit ? BMCR_SPEED_1000 : 0);
    this.#advertised = ANAR_ABILITIES;
    this.#control1000 = CTRL1000_FULL;
  }

  #readVendor(register: number): number {
    const shows = this.#identity.resolved?.some(
      (place) => place.page === this.#page && place.register === register,
    );
    return shows === true ? this.#physr : (this.#vendor.get(this.#vendorKey(register)) ?? 0);
  }

  /** PHYSR (RTL8211F datasheet 1.4 §8.5): speed in bits 5:4, full duplex, link. */
  get #physr(): number {
    if (!this.linkUp) return 0;
    const { gigabit } = this.#identity;
    const is1000 = this.#negotiates
      ? gigabit && (this.#control1000 & CTRL1000_FULL) !== 0
      : (this.#control & BMCR_SPEED_1000) !== 0;
    const is100 = this.#negotiates
      ? (this.#advertised & ANAR_100) !== 0
      : (this.#control & BMCR_SPEED_100) !== 0;
    return ((is1000 ? 2 : Number(is100)) << 4) | PHYSR_FULL_DUPLEX | PHYSR_LINK;
  }

  #vendorKey(register: number): number {
    return this.#page * (PAGE_SELECT + 1) + register;
  }
}
