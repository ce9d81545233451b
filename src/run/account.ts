/** The account of a run: what it took, what the guest touched, and which interrupts came. For people and, as it is, for programs. */
import { hex } from '../base/index.ts';
import { STORE_SECTOR_BYTES, type StoreUse } from '../device/index.ts';
import type { FaultLabel } from '../sel4/index.ts';
import type { Session } from './session.ts';

export interface RegionAccount {
  readonly vm: string;
  readonly region: string;
  readonly vaddr: number;
  readonly reads: number;
  readonly writes: number;
  readonly pagesTouched: number;
  readonly pages: number;
}

export interface InterruptAccount {
  readonly intid: number;
  readonly pd: string;
  readonly channel: number;
  readonly count: number;
  /** The device whose interrupt it is in the board's tree. */
  readonly device: string | undefined;
}

export interface VcpuAccount {
  readonly vm: string;
  readonly id: number;
  readonly state: string;
  readonly pc: string;
  readonly instructions: number;
}

export interface RunAccount {
  readonly hostSeconds: number;
  readonly guestSeconds: number;
  readonly instructions: number;
  readonly mips: number;
  readonly vcpus: readonly VcpuAccount[];
  readonly regions: readonly RegionAccount[];
  readonly interrupts: readonly InterruptAccount[];
  readonly faults: Readonly<Partial<Record<FaultLabel, number>>>;
  /** Characters that the guest sent, by UART. */
  readonly sent: Readonly<Record<string, number>>;
  /** What was moved to and from the media of storage devices, by device. */
  readonly disks: Readonly<Record<string, StoreUse>>;
  readonly undefinedInstructions: readonly {
    readonly pc: string;
    readonly opcode: string;
    readonly assembly?: string;
  }[];
}

const PAGE_BYTES = 4096;

export function accountOf(session: Session, hostSeconds: number): RunAccount {
  const { kernel, machine, record } = session;
  const vcpus = kernel.vcpus().map(({ vm, id, runState, cpu }) => ({
    vm,
    id,
    state: runState,
    pc: hex(cpu.pc),
    instructions: cpu.retired,
  }));
  const instructions = vcpus.reduce((sum, vcpu) => sum + vcpu.instructions, 0);
  const deviceOf = new Map(
    machine.board.devices.flatMap((device) =>
      device.interrupts.flatMap((interrupt) =>
        interrupt.reach === 'direct'
          ? interrupt.gic.map(({ intid }) => [intid as number, device.path] as const)
          : [],
      ),
    ),
  );
  return {
    hostSeconds,
    guestSeconds: machine.time.nowNs / 1e9,
    instructions,
    mips: hostSeconds > 0 ? instructions / 1e6 / hostSeconds : 0,
    vcpus,
    regions: [...kernel.mappingUse()].flatMap(([vm, uses]) =>
      uses.map(({ region, vaddr, reads, writes, pages }) => ({
        vm,
        region,
        vaddr,
        reads,
        writes,
        pagesTouched: pages.length,
        pages: (kernel.regionNamed(region)?.sizeBytes ?? 0) / PAGE_BYTES,
      })),
    ),
    interrupts: [...record.interrupts.values()].map((interrupt) => ({
      ...interrupt,
      device: deviceOf.get(interrupt.intid),
    })),
    faults: kernel.statistics.faults,
    sent: Object.fromEntries(record.sentBytes),
    disks: Object.fromEntries([...machine.diskUse].map(([path, use]) => [path, { ...use }])),
    undefinedInstructions: record.undefinedInstructions.map(({ pc, opcode, assembly }) => ({
      pc: hex(pc),
      opcode: hex(opcode),
      ...(assembly === undefined ? {} : { assembly }),
    })),
  };
}

/** The account as text, each line indented by two. */
export function formatAccount(account: RunAccount): string {
  const { hostSeconds, guestSeconds, instructions, mips } = account;
  const lines = [
    `${hostSeconds.toFixed(1)} s on this machine, ${guestSeconds.toFixed(3)} s in the guest's time`,
    `${(instructions / 1e6).toFixed(1)} million instructions, ${mips.toFixed(0)} MIPS`,
    ...account.vcpus.map(
      ({ vm, id, state, pc, instructions: count }) =>
        `vCPU ${id} of ${vm}: ${state} at ${pc} after ${(count / 1e6).toFixed(1)} million instructions`,
    ),
    ...account.regions.map(regionLine),
    ...account.interrupts.map(
      ({ intid, pd, channel, count, device }) =>
        `interrupt ${intid} (channel ${channel} of ${pd}): ${count} times${device === undefined ? '' : `, ${device}`}`,
    ),
    ...Object.entries(account.faults).map(([label, count]) => `${label}: ${count}`),
    ...Object.entries(account.sent).map(([path, count]) => `${path} sent ${count} characters`),
    ...Object.entries(account.disks).map(
      ([path, { readBytes, writtenBytes }]) =>
        `${path}: ${sectors(readBytes)} read, ${sectors(writtenBytes)} written`,
    ),
    ...account.undefinedInstructions.map(
      ({ pc, opcode, assembly }) =>
        `undefined instruction ${opcode}${assembly === undefined ? '' : ` (${assembly})`} at ${pc}`,
    ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function sectors(sizeBytes: number): string {
  const count = sizeBytes / STORE_SECTOR_BYTES;
  return `${count} ${count === 1 ? 'sector' : 'sectors'}`;
}

function regionLine({ region, vaddr, reads, writes, pagesTouched, pages }: RegionAccount): string {
  const where = `region ${region} at ${hex(vaddr)}`;
  if (reads + writes === 0) return `${where}: never touched`;
  return `${where}: ${reads} reads, ${writes} writes on ${pagesTouched} of ${pages} pages`;
}
