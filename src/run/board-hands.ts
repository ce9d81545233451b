/**
 * What a person does to a board while it runs, by the names that people have for things: registers by the manual's, devices by the end of
 * their paths. Throws {@link Refusal} for what there is not; gives a line that says what was done.
 */
import { FIRST_SPI, hex, type Intid, Refusal } from '../base/index.ts';
import { BREAK, type Register, RegisterDevice, type RegisterMap } from '../device/index.ts';
import { INTID_LIMIT, type MachineDevice } from '../machine/index.ts';
import { select } from '../plan/index.ts';
import { devicesNamed } from './inspect.ts';
import type { Session } from './session.ts';
import { gather, virtualPlaces } from './virtual-memory.ts';

/** A line to the interrupt controller is held high or let go; the device behind it drives it again when it next changes. */
export function driveLine(session: Session, intid: Intid, level: boolean): string {
  if (!Number.isInteger(intid) || intid < FIRST_SPI || intid >= INTID_LIMIT)
    throw new Refusal(`a device's INTID is a number from ${FIRST_SPI} to ${INTID_LIMIT - 1}`);
  session.give({ kind: 'line', intid, level });
  const trigger = session.machine.interrupts.triggerOf(intid);
  const heard = trigger === undefined ? 'nobody in the description handles it' : `handled as ${trigger}`;
  return `INTID ${intid} is ${level ? 'high' : 'low'}: ${heard}\n`;
}

/** A device's register, whole or one field (`UARTCR.UARTEN`), or an offset, is written as a guest would. */
export function pokeRegister(session: Session, name: string, register: string, value: bigint): string {
  const [found, ...others] = devicesNamed(session, name);
  if (found === undefined) throw new Refusal(`there is no device ${name}; "devices" lists them`);
  const all = [found, ...others];
  const place = all.map((each) => placeOf(each, register, value)).find((each) => each !== undefined);
  if (place === undefined) {
    throw new Refusal(`${found.path} has no register ${register}; "registers ${name}" lists them`);
  }
  const before = BigInt(2) ** BigInt(8 * place.sizeBytes);
  if (place.value < 0n || place.value >= before)
    throw new Refusal(`${hex(value)} does not fit into ${register}`);
  const input = { addr: place.addr, value: Number(place.value), sizeBytes: place.sizeBytes };
  session.give({ kind: 'register', ...input });
  return `${found.path}: ${hex(input.value)} written to ${place.name} at ${hex(input.addr)}\n`;
}

interface Place {
  readonly name: string;
  readonly addr: number;
  readonly sizeBytes: 1 | 2 | 4;
  readonly value: bigint;
}

function placeOf({ range, device }: MachineDevice, named: string, value: bigint): Place | undefined {
  const [name = '', field] = named.split('.');
  if (!(device instanceof RegisterDevice)) return offsetPlace(range, named, value);
  const { registers, value: held } = device as RegisterDevice<RegisterMap>;
  const register = registers[name];
  if (register === undefined) return offsetPlace(range, named, value);
  const content = field === undefined ? value : withNamedField(register, field, held[name] ?? 0, value);
  const { offset, sizeBytes } = register;
  return content === undefined
    ? undefined
    : { name: named, addr: range.base + offset, sizeBytes, value: content };
}

function withNamedField({ fields }: Register, name: string, held: number, value: bigint): bigint | undefined {
  const field = fields[name];
  if (field === undefined) return undefined;
  const most = BigInt(field.mask >>> field.shift);
  if (value < 0n || value > most) throw new Refusal(`${name} takes 0 to ${hex(most)}`);
  const kept = BigInt((held & ~field.mask) >>> 0);
  return kept | (value << BigInt(field.shift));
}

const OFFSET = /^(?:0x)?[0-9a-f]{1,8}$/i;

/** What has no names is written by its offset, a word at a time. */
function offsetPlace(range: MachineDevice['range'], named: string, value: bigint): Place | undefined {
  const offset = OFFSET.test(named) ? Number.parseInt(named.replace(/^0x/i, ''), 16) : Number.NaN;
  if (!(offset + 4 <= range.size) || offset % 4 !== 0) return undefined;
  return { name: `offset ${hex(offset)}`, addr: range.base + offset, sizeBytes: 4, value };
}

/** RAM by virtual addresses of a guest's first vCPU's. */
export function pokeMemory(
  session: Session,
  vm: string | undefined,
  va: bigint,
  content: Uint8Array,
): string {
  const { kernel } = session;
  const vcpu = kernel.vcpus().find((each) => vm === undefined || each.vm === vm);
  if (vcpu === undefined) throw new Refusal(`there is no guest ${vm ?? ''}`);
  const there = gather(kernel.cluster, content.length, virtualPlaces(vcpu.cpu, va));
  if (there.length < content.length) throw new Refusal(`${vcpu.vm} has no RAM at ${hex(va)}`);
  session.give({ kind: 'memory', vm: vcpu.vm, va, content });
  return `${content.length} bytes written at ${hex(va)} of ${vcpu.vm}\n`;
}

/** Takes a card out of its slot, or puts it in again. */
export function moveCard(session: Session, name: string, isIn: boolean): string {
  const { slots, board } = session.machine;
  const path = onlyNamed([...slots.keys()], name, session, 'slot of a card');
  const device = board.devices.find((each) => each.path === path);
  if (slots.get(path)?.hasCard !== true) throw new Refusal(`${path} has no card: --disk gives it one`);
  if (device?.node.properties.has('non-removable') === true)
    throw new Refusal(`what ${path} has is soldered to the board (non-removable)`);
  session.give({ kind: 'card', slot: path, isIn });
  return `the card is ${isIn ? 'in' : 'out of'} ${path}\n`;
}

/** Pulls an Ethernet cable, or puts it in again. */
export function moveCable(session: Session, name: string, isIn: boolean): string {
  const { sockets } = session.machine;
  const path = onlyNamed([...sockets.keys()], name, session, 'Ethernet controller');
  if (sockets.get(path)?.hasSocket !== true) throw new Refusal(`the PHY of ${path} leads nowhere`);
  session.give({ kind: 'cable', socket: path, isIn });
  return `the cable is ${isIn ? 'in' : 'out of'} ${path}\n`;
}

/** A BREAK on a UART's line, by its path; on the console's where none is named. */
export function sendBreak(session: Session, name: string | undefined): string {
  const uarts = [...session.machine.serialLines.keys()];
  const uart = name === undefined ? undefined : onlyNamed(uarts, name, session, 'UART');
  session.type([BREAK], uart);
  return `a BREAK for ${uart ?? 'the console'}\n`;
}

/** The one of these devices that is meant, by whatever a request may call it. */
function onlyNamed(paths: readonly string[], name: string, session: Session, what: string): string {
  const { devices } = select(session.machine.board, name);
  const found = paths.filter((path) => devices.some((device) => device.path === path));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const known = paths.length === 0 ? 'there is none here' : paths.join(', ');
  throw new Refusal(`${name === '' ? 'nothing' : name} is no ${what}: ${known}`);
}
