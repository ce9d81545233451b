/** The account of a run: what it took, what the guest touched, and which interrupts came. For people and, as it is, for programs. */
import { type ChannelId, FIRST_SPI, hex, type Intid, type VcpuId } from '../base/index.ts';
import { STORE_SECTOR_BYTES, type StoreUse, type WireUse } from '../device/index.ts';
import type { FaultLabel } from '../sel4/index.ts';
import { interruptOwners } from './direct-interrupts.ts';
import type { PcNames } from './pc-names.ts';
import type { Session } from './session.ts';

/** How much of one mapped region a guest has used. */
export interface RegionAccount {
  readonly vm: string;
  readonly region: string;
  readonly vaddr: number;
  readonly reads: number;
  readonly writes: number;
  readonly pagesTouched: number;
  readonly pages: number;
  /** The pages that were touched, as the guest sees them, with the board's devices on them. */
  readonly touched: readonly { readonly page: string; readonly devices: readonly string[] }[];
}

/** How often an interrupt came, and where it stands now. */
export interface InterruptAccount {
  readonly intid: Intid;
  readonly pd: string;
  readonly channel: ChannelId;
  readonly count: number;
  /** The device whose interrupt it is in the board's tree. */
  readonly device: string | undefined;
}

/** An interrupt that a monitor let come to nothing, since the guest had it disabled. */
export interface DroppedInterruptAccount {
  readonly vm: string;
  readonly vcpu: VcpuId;
  readonly intid: Intid;
  readonly count: number;
  /** `level` comes again when it is enabled, if its line is still high; `edge` and `virtual` (the monitor's own) are lost. */
  readonly kind: 'edge' | 'level' | 'timer' | 'virtual';
  readonly device: string | undefined;
}

/** Where a vCPU is at the end, and what it has done. */
export interface VcpuAccount {
  readonly vm: string;
  readonly id: number;
  readonly state: string;
  readonly pc: string;
  /** What the PC points to, where the kernel's symbols are known. */
  readonly symbol?: string;
  readonly instructions: number;
}

/** An access to a page where the board has no device: it read as zero, or was lost. */
export interface UnclaimedAccount {
  readonly page: string;
  readonly kind: 'read' | 'write';
  readonly pc?: string;
  readonly symbol?: string;
}

/** What a run came to: `run --json` has it as it is. */
export interface RunAccount {
  readonly hostSeconds: number;
  readonly guestSeconds: number;
  readonly instructions: number;
  readonly mips: number;
  readonly vcpus: readonly VcpuAccount[];
  readonly regions: readonly RegionAccount[];
  readonly interrupts: readonly InterruptAccount[];
  /** INTIDs that the description gives and that never came. */
  readonly silentInterrupts: readonly number[];
  /** With a monitor as libvmm is: what it dropped, and who got no turn while a guest idled. */
  readonly droppedInterrupts: readonly DroppedInterruptAccount[];
  readonly starved: readonly { readonly name: string; readonly by: string }[];
  readonly unclaimed: readonly UnclaimedAccount[];
  readonly faults: Readonly<Partial<Record<FaultLabel, number>>>;
  /** Characters that the guest sent, by UART. */
  readonly sent: Readonly<Record<string, number>>;
  /** What was moved to and from the media of storage devices, by device. */
  readonly disks: Readonly<Record<string, StoreUse>>;
  /** What was on the machine's wire. */
  readonly wire: WireUse;
  /** How many registers of the board begin with a value from a collector's archive. */
  readonly seededRegisters: number;
  readonly undefinedInstructions: readonly {
    readonly pc: string;
    readonly symbol?: string;
    readonly opcode: string;
    readonly assembly?: string;
  }[];
}

const PAGE_BYTES = 4096;

/** The account of a session as it stands; `names` turns program counters into symbols. */
export function accountOf(session: Session, hostSeconds: number, names?: PcNames): RunAccount {
  const { kernel, machine, record } = session;
  const named = (vm: string | undefined, pc: bigint) => {
    const symbol = vm === undefined ? undefined : names?.nameOf(vm, pc);
    return { pc: hex(pc), ...(symbol === undefined ? {} : { symbol }) };
  };
  const vcpus = kernel.vcpus().map(({ vm, id, runState, cpu }) => ({
    vm,
    id,
    state: runState,
    ...named(vm, cpu.pc),
    instructions: cpu.retired,
  }));
  const instructions = vcpus.reduce((sum, vcpu) => sum + vcpu.instructions, 0);
  const deviceOf = interruptOwners(machine.board.devices);
  return {
    hostSeconds,
    guestSeconds: machine.time.nowNs / 1e9,
    instructions,
    mips: hostSeconds > 0 ? instructions / 1e6 / hostSeconds : 0,
    vcpus,
    regions: [...kernel.mappingUse()].flatMap(([vm, uses]) =>
      uses.map(({ region, vaddr, reads, writes, pages }) => {
        const { sizeBytes = 0, physAddr = 0 } = kernel.regionOf(region).region;
        const touched = pages.map((page) => ({
          page: hex(vaddr + page),
          devices: machine.board
            .devicesAt({ base: physAddr + page, size: PAGE_BYTES })
            .filter(({ status }) => status.enabled)
            .map(({ path }) => path),
        }));
        const pageCount = sizeBytes / PAGE_BYTES;
        return { vm, region, vaddr, reads, writes, pagesTouched: pages.length, pages: pageCount, touched };
      }),
    ),
    interrupts: [...record.interrupts.values()].map((interrupt) => ({
      ...interrupt,
      device: deviceOf.get(interrupt.intid),
    })),
    silentInterrupts: kernel.interrupts.handled
      .filter((intid) => ![...record.interrupts.values()].some((came) => came.intid === intid))
      .sort((a, b) => a - b),
    droppedInterrupts: [...record.droppedInterrupts.values()].map((dropped) => ({
      ...dropped,
      kind: droppedKind(kernel.interrupts.triggerOf(dropped.intid), dropped.intid),
      device: deviceOf.get(dropped.intid),
    })),
    starved: record.starved,
    unclaimed: record.unclaimed.map(({ physAddr, kind, at }) => ({
      page: hex(physAddr - (physAddr % PAGE_BYTES)),
      kind,
      ...(at === undefined ? {} : named(at.vm, at.pc)),
    })),
    faults: kernel.statistics.faults,
    sent: Object.fromEntries(record.sentBytes),
    disks: Object.fromEntries([...machine.diskUse].map(([path, use]) => [path, { ...use }])),
    wire: machine.wire.use,
    seededRegisters: machine.seededRegisters,
    undefinedInstructions: record.undefinedInstructions.map(({ vcpuIndex, pc, opcode, assembly }) => ({
      ...named(kernel.vcpus()[vcpuIndex]?.vm, pc),
      opcode: hex(opcode),
      ...(assembly === undefined ? {} : { assembly }),
    })),
  };
}

/** The account as text, each line indented by two. */
export function formatAccount(account: RunAccount): string {
  const { hostSeconds, guestSeconds, instructions, mips } = account;
  const several = new Set(account.vcpus.map(({ vm }) => vm)).size > 1;
  const lines = [
    `${hostSeconds.toFixed(1)} s on this machine, ${guestSeconds.toFixed(3)} s in the guest's time`,
    `${(instructions / 1e6).toFixed(1)} million instructions, ${mips.toFixed(0)} MIPS`,
    ...account.vcpus.map(
      ({ vm, id, state, instructions: count, ...at }) =>
        `vCPU ${id} of ${vm}: ${state} at ${place(at)} after ${(count / 1e6).toFixed(1)} million instructions`,
    ),
    ...account.regions.map((region) => regionLine(region, several ? ` of ${region.vm}` : '')),
    ...account.interrupts.map(
      ({ intid, pd, channel, count, device }) =>
        `interrupt ${intid} (channel ${channel} of ${pd}): ${count} times${device === undefined ? '' : `, ${device}`}`,
    ),
    ...(account.silentInterrupts.length === 0
      ? []
      : [`interrupts that never came: ${account.silentInterrupts.join(', ')}`]),
    ...firstOf(account.droppedInterrupts, 'dropped interrupts', droppedLine),
    ...firstOf(
      account.starved,
      'without a turn',
      ({ name, by }) => `${name} got no turn: ${by} idles in WFI`,
    ),
    ...firstOf(account.unclaimed, 'unclaimed pages', ({ page, kind, pc, ...at }) => {
      const where = pc === undefined ? '' : ` at ${place({ ...at, pc })}`;
      return `unclaimed page ${page}: the first ${kind}${where}`;
    }),
    ...Object.entries(account.faults).map(([label, count]) => `${label}: ${count}`),
    ...Object.entries(account.sent).map(([path, count]) => `${path} sent ${count} characters`),
    ...Object.entries(account.disks).map(
      ([path, { readBytes, writtenBytes }]) =>
        `${path}: ${sectors(readBytes)} read, ${sectors(writtenBytes)} written`,
    ),
    ...wireLine(account.wire),
    ...(account.seededRegisters === 0
      ? []
      : [`${account.seededRegisters} registers begin as the collector found them on the board`]),
    ...firstOf(
      account.undefinedInstructions,
      'undefined instructions',
      ({ opcode, assembly, ...at }) =>
        `undefined instruction ${opcode}${assembly === undefined ? '' : ` (${assembly})`} at ${place(at)}`,
    ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function droppedKind(trigger: 'edge' | 'level' | undefined, intid: Intid): DroppedInterruptAccount['kind'] {
  return trigger ?? (intid < FIRST_SPI ? 'timer' : 'virtual');
}

const DROPPED: Readonly<Record<DroppedInterruptAccount['kind'], (intid: Intid) => string>> = {
  edge: (intid) => `edge of INTID ${intid} lost`,
  virtual: (intid) => `virtual interrupt ${intid} lost`,
  level: (intid) => `INTID ${intid} held back`,
  timer: (intid) => `timer interrupt ${intid} dropped`,
};

function droppedLine({ vm, intid, count, kind, device }: DroppedInterruptAccount): string {
  const of = device === undefined ? '' : `, ${device}`;
  const often = count === 1 ? '' : `, ${count} times`;
  return `${DROPPED[kind](intid)} while disabled by ${vm}: libvmm 0.2 drops it${often}${of}`;
}

function wireLine({ frames, bytes, lost }: WireUse): readonly string[] {
  if (frames === 0) return [];
  return [`wire: ${frames} frames, ${bytes} bytes${lost === 0 ? '' : `, ${lost} lost for want of room`}`];
}

function sectors(sizeBytes: number): string {
  const count = sizeBytes / STORE_SECTOR_BYTES;
  return `${count} ${count === 1 ? 'sector' : 'sectors'}`;
}

/** How many of a kind are told in the text; the JSON has them all. */
const TOLD = 8;

function firstOf<T>(all: readonly T[], what: string, lineOf: (one: T) => string): readonly string[] {
  const more = all.length - TOLD;
  return [...all.slice(0, TOLD).map(lineOf), ...(more > 0 ? [`${more} more ${what}`] : [])];
}

function place({ pc, symbol }: { readonly pc: string; readonly symbol?: string }): string {
  return symbol === undefined ? pc : `${pc} (${symbol})`;
}

/** How many devices are named in a line; the rest are in the JSON. */
const NAMED_DEVICES = 6;

function regionLine(
  { region, vaddr, reads, writes, pagesTouched, pages, touched }: RegionAccount,
  ofVm: string,
): string {
  const where = `region ${region}${ofVm} at ${hex(vaddr)}`;
  if (reads + writes === 0) return `${where}: never touched`;
  const devices = [...new Set(touched.flatMap((page) => page.devices.slice(-1)))];
  const more = devices.length - NAMED_DEVICES;
  const named = [...devices.slice(0, NAMED_DEVICES), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `${where}: ${reads} reads, ${writes} writes on ${pagesTouched} of ${pages} pages${named === '' ? '' : ` (${named})`}`;
}
