/**
 * GICD of a version 3 controller with affinity routing and one security state (IHI 0069H §12.9). What belongs to a
 * single processor is in its redistributor and reads as zero here. Left out: message-based SPIs, LPIs, extended ranges.
 */
import type { VcpuIndex } from '../../base/index.ts';
import type { VirtualInterrupt } from './interrupt.ts';
import { PRIVATE_COUNT } from './interrupt.ts';
import { RegisterFrame, type SingleRegister } from './register-bank.ts';
import { sharedBanks } from './shared-banks.ts';
import type { Vgic } from './vgic.ts';

export const GICD_V3_SIZE_BYTES = 0x1_0000;

/** GICD_CTLR with one security state: EnableGrp0, EnableGrp1, ARE, DS (§12.9.4). ARE and DS can't be turned off. */
const [CTLR_GRP0, CTLR_GRP1, CTLR_ARE, CTLR_DS] = [1 << 0, 1 << 1, 1 << 4, 1 << 6];
/** GICD_TYPER: 10 bits of INTID, no "1 of N", affinity level 3 valid (§12.9.38). */
const [TYPER_IDBITS, TYPER_A3V, TYPER_NO1N] = [9 << 19, 1 << 24, 1 << 25];
/** GICD_IROUTER: Aff3 in the upper word; bit 31 any, Aff2 to Aff0 in the lower (§12.9.22). */
const [ROUTER_LOW_MASK, ROUTER_HIGH_MASK] = [0x80ff_ffffn, 0xffn];

export function createDistributorV3(vgic: Vgic): RegisterFrame {
  const singles: readonly SingleRegister[] = [
    {
      name: 'GICD_CTLR',
      offset: 0x0000,
      read: () =>
        CTLR_ARE | CTLR_DS | (vgic.groupEnabled[0] ? CTLR_GRP0 : 0) | (vgic.groupEnabled[1] ? CTLR_GRP1 : 0),
      write: (value) => {
        vgic.groupEnabled[0] = (value & CTLR_GRP0) !== 0;
        vgic.groupEnabled[1] = (value & CTLR_GRP1) !== 0;
        vgic.deliverAll();
      },
    },
    {
      name: 'GICD_TYPER',
      offset: 0x0004,
      read: () => (vgic.intidCount / 32 - 1) | TYPER_IDBITS | TYPER_A3V | TYPER_NO1N,
    },
    // As a GIC-500 r1p1 says (DDI 0516E §3.2).
    { name: 'GICD_IIDR', offset: 0x0008, read: () => 0x0010_043b },
    // ArchRev 3 (§12.1.13).
    { name: 'GICD_PIDR2', offset: 0xffe8, read: () => 0x3b },
    { name: 'GICD_CIDR0', offset: 0xfff0, read: () => 0x0d },
    { name: 'GICD_CIDR1', offset: 0xfff4, read: () => 0xf0 },
    { name: 'GICD_CIDR2', offset: 0xfff8, read: () => 0x05 },
    { name: 'GICD_CIDR3', offset: 0xfffc, read: () => 0xb1 },
  ];
  const spiCount = vgic.intidCount - PRIVATE_COUNT;
  const banks = sharedBanks(vgic, { prefix: 'GICD', firstIntid: PRIVATE_COUNT, intidCount: spiCount });
  return new RoutedFrame(vgic, singles, banks);
}

/** GICD_IROUTER<n> is 64 bits wide, which a bank's fields are not: its two halves are cut out here. */
class RoutedFrame extends RegisterFrame {
  readonly #vgic: Vgic;

  constructor(vgic: Vgic, singles: readonly SingleRegister[], banks: ReturnType<typeof sharedBanks>) {
    super(GICD_V3_SIZE_BYTES, singles, banks, (intid, vcpu) => vgic.interrupt(intid, vcpu));
    this.#vgic = vgic;
  }

  override read(offset: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): number {
    const router = this.#routerAt(offset);
    if (router === undefined) return super.read(offset, sizeBytes, vcpu);
    return sizeBytes === 4 ? Number((router.interrupt.route >> router.shift) & 0xffff_ffffn) : 0;
  }

  override write(offset: number, value: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): void {
    const router = this.#routerAt(offset);
    if (router === undefined) {
      super.write(offset, value, sizeBytes, vcpu);
      return;
    }
    if (sizeBytes !== 4) return;
    const { interrupt, shift } = router;
    const mask = shift === 0n ? ROUTER_LOW_MASK : ROUTER_HIGH_MASK;
    const others = interrupt.route & ~(0xffff_ffffn << shift);
    interrupt.route = others | ((BigInt(value) & mask) << shift);
    this.#vgic.reroute(interrupt, vcpu);
  }

  override nameAt(offset: number): string | undefined {
    return this.#routerAt(offset) === undefined ? super.nameAt(offset) : 'GICD_IROUTER<n>';
  }

  #routerAt(offset: number): { readonly interrupt: VirtualInterrupt; readonly shift: bigint } | undefined {
    const [ROUTERS, ENTRY_BYTES] = [0x6000, 8];
    const intid = Math.floor((offset - ROUTERS) / ENTRY_BYTES);
    if (intid < PRIVATE_COUNT || offset >= 0x8000) return undefined;
    const interrupt = this.#vgic.interrupt(intid, 0);
    return interrupt === undefined ? undefined : { interrupt, shift: offset % ENTRY_BYTES < 4 ? 0n : 32n };
  }
}
