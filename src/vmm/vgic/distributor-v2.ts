/**
 * GICD of a version 2 controller, as a guest sees it (IHI 0048B §4.3, without Security Extensions).
 * Left out: NSACR, and the identity of an SGI's sender, which seL4's list registers can't carry.
 */
import type { Intid, VcpuIndex } from '../../base/index.ts';
import { PRIVATE_COUNT } from './interrupt.ts';
import { RegisterFrame, type SingleRegister } from './register-bank.ts';
import { sharedBanks } from './shared-banks.ts';
import type { Vgic } from './vgic.ts';

export const GICD_V2_SIZE_BYTES = 0x1000;

/** GICD_SGIR (§4.3.15). */
const SGIR_FILTER = { LIST: 0, OTHERS: 1, SELF: 2 } as const;

export function createDistributorV2(vgic: Vgic): RegisterFrame {
  const singles: readonly SingleRegister[] = [
    {
      name: 'GICD_CTLR',
      offset: 0x000,
      read: () => Number(vgic.groupEnabled[0]),
      write: (value) => {
        vgic.groupEnabled[0] = (value & 1) === 1;
        vgic.deliverAll();
      },
    },
    {
      name: 'GICD_TYPER',
      offset: 0x004,
      // ITLinesNumber and CPUNumber; no Security Extensions, no lockable SPIs (§4.3.2).
      read: () => (vgic.intidCount / 32 - 1) | ((vgic.vcpuCount - 1) << 5),
    },
    // As a GIC-400 r0p1 says (DDI 0471B §3.3).
    { name: 'GICD_IIDR', offset: 0x008, read: () => 0x0200_143b },
    { name: 'GICD_SGIR', offset: 0xf00, read: () => 0, write: (value, vcpu) => writeSgir(vgic, value, vcpu) },
    // ArchRev 2 (§4.3.18), and the rest of the CoreSight identification.
    { name: 'ICPIDR2', offset: 0xfe8, read: () => 0x2b },
    { name: 'ICCIDR0', offset: 0xff0, read: () => 0x0d },
    { name: 'ICCIDR1', offset: 0xff4, read: () => 0xf0 },
    { name: 'ICCIDR2', offset: 0xff8, read: () => 0x05 },
    { name: 'ICCIDR3', offset: 0xffc, read: () => 0xb1 },
  ];
  const banks = [
    ...sharedBanks(vgic, { prefix: 'GICD', firstIntid: 0, intidCount: vgic.intidCount }),
    {
      name: 'GICD_ITARGETSR<n>',
      offset: 0x800,
      sizeBytes: vgic.intidCount,
      bitsPerInterrupt: 8 as const,
      // The first 32 tell a processor its own number (§4.3.12).
      read: ({ intid, targets }: { intid: Intid; targets: number }, vcpu: VcpuIndex) =>
        intid < PRIVATE_COUNT ? (1 << vcpu) & 0xff : targets,
      write: (interrupt: Parameters<Vgic['reroute']>[0], field: number, vcpu: VcpuIndex) => {
        if (interrupt.intid < PRIVATE_COUNT) return;
        // Bits of processors that are not there stay 0 (§4.3.12).
        interrupt.targets = field & (2 ** vgic.vcpuCount - 1);
        vgic.reroute(interrupt, vcpu);
      },
    },
  ];
  return new RegisterFrame(GICD_V2_SIZE_BYTES, singles, banks, (intid, vcpu) => vgic.interrupt(intid, vcpu));
}

function writeSgir(vgic: Vgic, value: number, sender: number): void {
  const filter = (value >>> 24) & 3;
  const list = (value >>> 16) & 0xff;
  const everyone = Array.from({ length: vgic.vcpuCount }, (_, vcpu) => vcpu);
  const targets =
    filter === SGIR_FILTER.LIST
      ? everyone.filter((vcpu) => ((list >> vcpu) & 1) === 1)
      : filter === SGIR_FILTER.OTHERS
        ? everyone.filter((vcpu) => vcpu !== sender)
        : filter === SGIR_FILTER.SELF
          ? [sender]
          : [];
  vgic.sendSgi(value & 0xf, targets);
}
