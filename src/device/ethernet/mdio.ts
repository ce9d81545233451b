/**
 * A management bus (IEEE 802.3-2018 §22.2.4.5): PHYs by address, behind a multiplexer where the board has one. Transfers take
 * no time. A PHY that is not there leaves the line high.
 */
import { type Saved, savedParts } from '../../base/index.ts';
import type { Phy } from './phy.ts';

const NOBODY = 0xffff;

/** PHYs by address, on the branches of a multiplexer. */
export class MdioBus {
  /** Which branch is selected; a multiplexer sets it. */
  branch: () => number = () => 0;
  readonly #phys = new Map<string, Phy>();
  #line: Phy | undefined;

  /** `line` is the PHY that the controller's frames go through. */
  connect(branch: number, address: number, phy: Phy, line = false): void {
    this.#phys.set(`${branch}:${address}`, phy);
    if (line) this.#line = phy;
  }

  read(address: number, register: number): number {
    return this.#phyAt(address)?.read(register) ?? NOBODY;
  }

  write(address: number, register: number, value: number): void {
    this.#phyAt(address)?.write(register, value);
  }

  /** Whether frames pass between the controller and its wire. */
  get linkUp(): boolean {
    return this.#line?.linkUp ?? false;
  }

  /** The PHY that frames go through. */
  get linePhy(): Phy | undefined {
    return this.#line;
  }

  reset(): void {
    for (const phy of this.#phys.values()) phy.reset();
  }

  get saved(): Saved {
    return savedParts(Object.fromEntries([...this.#phys].map(([place, phy]) => [place, phy.saved])));
  }

  #phyAt(address: number): Phy | undefined {
    return this.#phys.get(`${this.branch()}:${address}`);
  }
}
