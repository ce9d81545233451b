/**
 * A board made of its device tree: the bus with a device for every `reg`, the interrupt lines, the time. UARTs, clock
 * controllers and the like are models chosen by `compatible`; whatever has no model remembers what is written to it.
 */
import { type AddrRange, type Paddr, rangeContains, type Saved, savedParts } from '../base/index.ts';
import {
  type BlockStore,
  type CableSocket,
  type CardSlot,
  type ControllerTable,
  controllerFor,
  countedStore,
  createController,
  type Device,
  Dwmac,
  EthernetWire,
  Gicv,
  type IrqLine,
  MesonMmc,
  RememberedRegisters,
  SerialLine,
  type StoreUse,
  UNCONNECTED_LINE,
  VirtualCpuInterface,
} from '../device/index.ts';
import { type Board, type Device as BoardDevice, stringsProperty, u32Property } from '../devicetree/index.ts';
import { type BusWindow, MachineBus } from './bus.ts';
import { lowPinsOf } from './card-detect.ts';
import { PhysicalInterrupts } from './interrupts.ts';
import { MdioBuses } from './mdio-buses.ts';
import { modelFor } from './models.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { type MachineTime, VirtualTime } from './time.ts';

/** What a machine gets beside its board: disks by device path, values that registers begin with, its time. */
export interface MachineOptions {
  /** Register contents by physical address, from a collector's archive or a plan; they win over the tables' seeds. */
  readonly registerSeeds?: ReadonlyMap<number, number>;
  /** Time passes in another way than by instructions. */
  readonly createTime?: (frequencyHz: number) => MachineTime;
  /** What is in the board's storage devices, by their nodes' paths; the others are empty. */
  readonly disks?: ReadonlyMap<string, BlockStore>;
}

/** A device of the board, as the account names it. */
export interface MachineDevice {
  readonly path: string;
  readonly range: AddrRange<Paddr>;
  readonly device: Device;
  /** `model`: behaves · `controller`: remembers, with live status bits · `remembered`: nothing more. */
  readonly kind: 'model' | 'controller' | 'remembered';
}

/** A board's hardware. */
export interface Machine {
  readonly board: Board;
  readonly bus: MachineBus;
  readonly interrupts: PhysicalInterrupts;
  readonly time: MachineTime;
  /** RAM as bus masters see it; whoever has the RAM places it there. */
  readonly memory: PhysicalMemory;
  readonly devices: readonly MachineDevice[];
  /** The wire of each modelled UART, by its node's path. */
  readonly serialLines: ReadonlyMap<string, SerialLine>;
  /** The one Ethernet segment that all modelled Ethernet controllers are on, and whoever else is to hear them. */
  readonly wire: EthernetWire;
  /** How much each disk was used, by its device's path. */
  readonly diskUse: ReadonlyMap<string, StoreUse>;
  /** Slots of cards, by their controllers' paths. */
  readonly slots: ReadonlyMap<string, CardSlot>;
  /** Sockets of Ethernet cables, by their controllers' paths. */
  readonly sockets: ReadonlyMap<string, CableSocket>;
  /** Whose CPU interface GICV is at this moment: the running vCPU's, which the kernel says. */
  readonly guestInterface: { current: () => VirtualCpuInterface | undefined };
  /** How many registers began with a value of {@link MachineOptions.registerSeeds}. */
  readonly seededRegisters: number;
  /** Devices, or those of them that are meant, as after power-on; time goes on. */
  reset(which?: (device: MachineDevice) => boolean): void;
  /** Devices, the wire, and what was typed; time is the owner's. */
  readonly saved: Saved;
}

const DEFAULT_COUNTER_HZ = 24_000_000;

/**
 * Makes the hardware that a board's tree describes; devices without a model remember what is written to
 * them.
 */
export function createMachine(board: Board, options: MachineOptions = {}): Machine {
  const bus = new MachineBus(() => time.nowNs);
  const interrupts = new PhysicalInterrupts();
  const frequencyHz = counterFrequency(board);
  const time = options.createTime?.(frequencyHz) ?? new VirtualTime({ frequencyHz });
  const memory = new PhysicalMemory();
  const serialLines = new Map<string, SerialLine>();
  const diskUse = new Map<string, StoreUse>();
  const slots = new Map<string, CardSlot>();
  const sockets = new Map<string, CableSocket>();
  const devices: MachineDevice[] = [];
  const wire = new EthernetWire(time.clock);
  const mdioBuses = new MdioBuses(board);
  const surroundings = {
    board,
    interrupts,
    time,
    memory,
    serialLines,
    wire,
    mdioBuses,
    diskUse,
    slots,
    options,
  };
  const gicPath = board.gic?.path;
  for (const node of enabledFirst(board)) {
    if (node.path === gicPath) continue;
    for (const [index, { cpu }] of node.regs.entries()) {
      if (cpu === undefined || cpu.size === 0) continue;
      const made = createDevice(node, index, cpu, surroundings);
      devices.push(made);
      if (made.device instanceof MesonMmc) slots.set(node.path, made.device);
      if (made.device instanceof Dwmac) sockets.set(node.path, made.device);
    }
  }
  // Beside the pins themselves a bank has nothing to wait for: its registers are read to be changed.
  const banks = board.devices
    .filter((node) => modelFor(namesOf(node))?.kind === 'gpio')
    .map(({ path }) => path);
  const pollsOf = (kind: string, path: string): Pick<BusWindow, 'polls'> => {
    if (serialLines.has(path)) return { polls: 'input' };
    return kind === 'model' || banks.includes(path) ? {} : { polls: 'stuck' };
  };
  for (const { path, range, device, kind } of devices) {
    bus.attach({
      range,
      device,
      name: path,
      onlyRemembers: kind === 'remembered',
      ...pollsOf(kind, path),
    });
  }
  const guestInterface: Machine['guestInterface'] = { current: () => undefined };
  attachGicv(board, bus, guestInterface);
  return {
    board,
    bus,
    interrupts,
    time,
    memory,
    devices,
    serialLines,
    wire,
    diskUse,
    slots,
    sockets,
    guestInterface,
    seededRegisters: seededRegisters(devices, options.registerSeeds),
    reset: (which = () => true) => {
      for (const each of devices) if (which(each)) each.device.reset();
    },
    get saved() {
      return savedParts({
        lines: savedParts(Object.fromEntries([...serialLines].map(([path, line]) => [path, line.saved]))),
        wire: wire.saved,
        devices: savedParts(
          Object.fromEntries(devices.map(({ path, device }, index) => [`${index} ${path}`, device.saved])),
        ),
      });
    },
  };
}

/** The GIC's CPU interface for guests; only version 2 has its registers on the bus. */
function attachGicv({ gic }: Board, bus: MachineBus, guestInterface: Machine['guestInterface']): void {
  if (gic?.version !== 2 || gic.gicv === undefined) return;
  const noVcpu = new VirtualCpuInterface();
  const device = new Gicv(() => guestInterface.current() ?? noVcpu);
  bus.attach({ range: gic.gicv, device, name: 'GICV' });
}

/** What the devices of one machine have in common. */
interface Surroundings {
  readonly board: Board;
  readonly interrupts: PhysicalInterrupts;
  readonly time: MachineTime;
  readonly memory: PhysicalMemory;
  readonly serialLines: Map<string, SerialLine>;
  readonly wire: EthernetWire;
  readonly mdioBuses: MdioBuses;
  readonly diskUse: Map<string, StoreUse>;
  readonly slots: ReadonlyMap<string, CardSlot>;
  readonly options: MachineOptions;
}

/** Of nodes at one address, such as an engine that is a UART, an I2C or an SPI master, the enabled one answers. */
function enabledFirst({ devices }: Board): readonly BoardDevice[] {
  const isEnabled = ({ status }: BoardDevice) => status.enabled;
  return [...devices.filter(isEnabled), ...devices.filter((device) => !isEnabled(device))];
}

function createDevice(
  node: BoardDevice,
  regIndex: number,
  range: AddrRange<Paddr>,
  { board, interrupts, time, memory, serialLines, wire, mdioBuses, diskUse, slots, options }: Surroundings,
): MachineDevice {
  const { path, compatible } = node;
  const model = regIndex === modelledReg(node) ? modelFor(namesOf(node)) : undefined;
  if (model !== undefined) {
    const line = new SerialLine();
    if (model.kind === 'uart') serialLines.set(path, line);
    const given = model.kind === 'disk' ? options.disks?.get(path) : undefined;
    const disk = given === undefined ? undefined : countedStore(given);
    if (disk !== undefined) diskUse.set(path, disk.use);
    const device = model.create({
      node: node.node,
      irq: (index) => lineOf(node, index, interrupts),
      irqCount: node.interrupts.length,
      line,
      master: memory.masterFor(path),
      clock: time.clock,
      baseAddr: range.base,
      connectWire: () => wire.connect(),
      mdio: () => mdioBuses.of(node.node),
      disk: disk?.store,
      lowPins: lowPinsOf(board, node.node, (slot) => slots.get(slot)?.isCardIn === true),
    });
    return { path, range, device, kind: 'model' };
  }
  const controller = regIndex === 0 ? controllerOf(node) : undefined;
  const seeds = seedsIn(range, options.registerSeeds);
  if (controller !== undefined) {
    const table = { ...controller, seeds: [...(controller.seeds ?? []), ...seeds] };
    return { path, range, device: createController(table, range.size), kind: 'controller' };
  }
  const name = compatible[0] ?? node.node.name;
  const device = new RememberedRegisters({ name, sizeBytes: range.size, seeds });
  return { path, range, device, kind: 'remembered' };
}

/** A bank of GPIOs inside a pin controller has the registers, and no `compatible` of its own. */
function namesOf({ node, compatible }: BoardDevice): readonly string[] {
  if (compatible.length > 0 || !node.properties.has('gpio-controller') || node.parent === undefined) {
    return compatible;
  }
  return stringsProperty(node.parent, 'compatible') ?? [];
}

/** A model's registers are the first; those of a bank of GPIOs are among others. */
function modelledReg({ node }: BoardDevice): number {
  return Math.max(0, stringsProperty(node, 'reg-names')?.indexOf('gpio') ?? 0);
}

/** A syscon's table may be found by its child: the clock controller inside Amlogic's HHI has no registers of its own. */
function controllerOf({ node, compatible }: BoardDevice): ControllerTable | undefined {
  const children = [...node.children.values()].flatMap((child) => stringsProperty(child, 'compatible') ?? []);
  return controllerFor([...children, ...compatible]);
}

function lineOf(node: BoardDevice, index: number, interrupts: PhysicalInterrupts): IrqLine {
  const interrupt = node.interrupts[index];
  if (interrupt === undefined || interrupt.reach !== 'direct') return UNCONNECTED_LINE;
  const [gic] = interrupt.gic;
  return gic === undefined ? UNCONNECTED_LINE : interrupts.line(gic.intid);
}

function seedsIn(
  range: AddrRange<Paddr>,
  seeds: ReadonlyMap<number, number> | undefined,
): Map<number, number> {
  const inside = [...(seeds ?? [])].filter(([addr]) => addr >= range.base && addr - range.base < range.size);
  return new Map(inside.map(([addr, value]) => [addr - range.base, value]));
}

/** Models have values of their own; all other devices remember what they began with. */
function seededRegisters(
  devices: readonly MachineDevice[],
  seeds: ReadonlyMap<number, number> = new Map(),
): number {
  const remembering = devices.filter(({ kind }) => kind !== 'model');
  return [...seeds.keys()].filter((addr) => remembering.some(({ range }) => rangeContains(range, addr)))
    .length;
}

/** `clock-frequency` of the timer node where firmware must be corrected, else what nearly every board has. */
function counterFrequency(board: Board): number {
  const timer = board.devices.find(({ compatible }) => compatible.includes('arm,armv8-timer'));
  const said = timer === undefined ? undefined : u32Property(timer.node, 'clock-frequency');
  return said === undefined || said === 0 ? DEFAULT_COUNTER_HZ : said;
}
