/**
 * The registers that distributor and redistributor have in common, one field an interrupt: enables, pending and active
 * states, priorities, triggers, groups (IHI 0048B §4.3.4–4.3.13, IHI 0069H §12.9.6–12.9.21 and §12.11).
 */
import type { VcpuIndex } from '../../base/index.ts';
import type { VirtualInterrupt } from './interrupt.ts';
import { SGI_COUNT } from './interrupt.ts';
import type { RegisterBank } from './register-bank.ts';
import type { Vgic } from './vgic.ts';

/** Which interrupts a frame's registers hold. */
export interface BankSpan {
  readonly prefix: 'GICD' | 'GICR';
  /** From the frame's first register of each kind. */
  readonly firstIntid: number;
  readonly intidCount: number;
}

/** Priorities have five bits here, as the virtual CPU interface has. */
const PRIORITY_MASK = 0xf8;

export function sharedBanks(
  vgic: Vgic,
  { prefix, firstIntid, intidCount }: BankSpan,
): readonly RegisterBank[] {
  const oneBit = (
    name: string,
    offset: number,
    read: (interrupt: VirtualInterrupt) => boolean,
    write: (interrupt: VirtualInterrupt, vcpu: VcpuIndex) => void,
  ): RegisterBank => ({
    name: `${prefix}_${name}<n>`,
    offset: offset + firstIntid / 8,
    sizeBytes: intidCount / 8,
    bitsPerInterrupt: 1,
    firstIntid,
    read: (interrupt) => Number(read(interrupt)),
    ignoresZeros: true,
    write: (interrupt, _field, vcpu) => write(interrupt, vcpu),
  });
  return [
    {
      name: `${prefix}_IGROUPR<n>`,
      offset: 0x080 + firstIntid / 8,
      sizeBytes: intidCount / 8,
      bitsPerInterrupt: 1,
      firstIntid,
      // One security state: the guest's groups are its own. A version 2 guest without Security Extensions has none.
      read: ({ group }) => (vgic.version === 2 ? 0 : group),
      write: (interrupt, field) => {
        if (vgic.version === 3) interrupt.group = field === 1 ? 1 : 0;
      },
    },
    oneBit(
      'ISENABLER',
      0x100,
      ({ enabled }) => enabled,
      (interrupt, vcpu) => enable(vgic, interrupt, vcpu),
    ),
    oneBit(
      'ICENABLER',
      0x180,
      ({ enabled }) => enabled,
      (interrupt) => disable(vgic, interrupt),
    ),
    oneBit(
      'ISPENDR',
      0x200,
      ({ pending }) => pending,
      (interrupt, vcpu) => setPending(vgic, interrupt, vcpu),
    ),
    oneBit(
      'ICPENDR',
      0x280,
      ({ pending }) => pending,
      (interrupt) => clearPending(vgic, interrupt),
    ),
    oneBit(
      'ISACTIVER',
      0x300,
      ({ active }) => active,
      (interrupt) => {
        interrupt.active = true;
      },
    ),
    oneBit(
      'ICACTIVER',
      0x380,
      ({ active }) => active,
      (interrupt) => {
        interrupt.active = false;
      },
    ),
    {
      name: `${prefix}_IPRIORITYR<n>`,
      offset: 0x400 + firstIntid,
      sizeBytes: intidCount,
      bitsPerInterrupt: 8,
      firstIntid,
      read: ({ priority }) => priority,
      write: (interrupt, field) => {
        interrupt.priority = field & PRIORITY_MASK;
      },
    },
    {
      name: `${prefix}_ICFGR<n>`,
      offset: 0xc00 + firstIntid / 4,
      sizeBytes: intidCount / 4,
      bitsPerInterrupt: 2,
      firstIntid,
      read: ({ edge }) => (edge ? 2 : 0),
      write: (interrupt, field) => {
        if (interrupt.intid >= SGI_COUNT) interrupt.edge = (field & 2) !== 0;
      },
    },
  ];
}

function enable(vgic: Vgic, interrupt: VirtualInterrupt, vcpu: VcpuIndex): void {
  interrupt.enabled = true;
  if (interrupt.pending) vgic.setPending(interrupt, vcpu);
}

/** SGIs of a version 2 controller stay enabled. */
function disable(vgic: Vgic, interrupt: VirtualInterrupt): void {
  if (vgic.version === 3 || interrupt.intid >= SGI_COUNT) interrupt.enabled = false;
}

/** SGIs of a version 2 controller are read-only here (IHI 0048B §4.3.7). */
function setPending(vgic: Vgic, interrupt: VirtualInterrupt, vcpu: VcpuIndex): void {
  if (vgic.version === 3 || interrupt.intid >= SGI_COUNT) vgic.setPending(interrupt, vcpu);
}

function clearPending(vgic: Vgic, interrupt: VirtualInterrupt): void {
  if (vgic.version === 3 || interrupt.intid >= SGI_COUNT) vgic.clearPending(interrupt);
}
