/** A run as it stands, in text: for the prompt at the console, for gdb's `monitor`, for scripts. Looking changes nothing. */
import { hex, Refusal } from '../base/index.ts';
import { type Register, RegisterDevice, type RegisterMap } from '../device/index.ts';
import type { MachineDevice } from '../machine/index.ts';
import { callStack, isInUserSpace } from './call-stack.ts';
import { interruptOwners } from './direct-interrupts.ts';
import type { PcNames } from './pc-names.ts';
import type { Session } from './session.ts';
import { fieldsIn } from './trace/registers.ts';
import { gather, virtualPlaces } from './virtual-memory.ts';

const FRAMES_SHOWN = 24;
const LINE_BYTES = 16;
const MEMORY_LIMIT_BYTES = 4096;
const DEFAULT_MEMORY_BYTES = 64;
const LR_STATES = ['', 'pending', 'active', 'pending and active'];
const [PRINTABLE_FIRST, PRINTABLE_LAST] = [0x20, 0x7e];

/** Each vCPU: what it does, where it is, and who called that. */
export function inspectVcpus({ kernel }: Session, names: PcNames): string {
  return kernel
    .vcpus()
    .map((vcpu) => {
      const { vm, id, runState, cpu } = vcpu;
      const head = `vCPU ${id} of ${vm}: ${runState}, ${cpu.retired} instructions`;
      if (isInUserSpace(cpu)) return `${head}\n  ${hex(cpu.pc)} in user space\n`;
      const stack = callStack(kernel.cluster, cpu).slice(0, FRAMES_SHOWN);
      return `${head}\n${stack.map((pc) => `  ${names.show(vm, pc)}\n`).join('')}`;
    })
    .join('');
}

/** Interrupts that came or wait, and what each vCPU's CPU interface holds. */
export function inspectInterrupts({ kernel, machine }: Session): string {
  const deviceOf = interruptOwners(machine.board.devices);
  const lines = machine.interrupts
    .counts()
    .map(
      ({ intid, delivered, line, masked }) =>
        `INTID ${intid} ${deviceOf.get(intid) ?? ''}: line ${line ? 'high' : 'low'}, came ${delivered} times${masked ? ', waits to be acknowledged' : ''}\n`,
    );
  const held = kernel
    .vcpus()
    .flatMap(({ vm, id, virtualInterface }) =>
      virtualInterface.listRegisters.flatMap(({ state, virtualId, priority }, index) =>
        state === 0
          ? []
          : [
              `vCPU ${id} of ${vm}, list register ${index}: INTID ${virtualId} ${LR_STATES[state] ?? ''}, priority ${hex(priority)}\n`,
            ],
      ),
    );
  return [...lines, ...held].join('') || 'no interrupt came\n';
}

/** What the board has, by path. */
export function inspectDevices({ machine }: Session): string {
  return machine.devices
    .map(({ path, range, device }) => `${path} at ${hex(range.base)}: ${device.model}\n`)
    .join('');
}

/** Devices by their path, or by the end of it. */
export function devicesNamed({ machine }: Session, name: string): readonly MachineDevice[] {
  return machine.devices.filter(({ path }) => path === name || path.endsWith(`/${name}`));
}

/** A device's registers by its manual's names, as the model remembers them; what a read would take away is not read. */
export function inspectRegisters(session: Session, path: string): string {
  const found = devicesNamed(session, path);
  if (found.length === 0) throw new Refusal(`there is no device ${path}; "devices" lists them`);
  return found
    .map(({ path: name, range, device }) => {
      const head = `${name} at ${hex(range.base)}: ${device.model}\n`;
      if (!(device instanceof RegisterDevice)) return `${head}  its registers have no names here\n`;
      const { registers, value } = device as RegisterDevice<RegisterMap>;
      return (
        head +
        Object.entries(registers)
          .map((entry) => registerLine(entry, value))
          .join('')
      );
    })
    .join('');
}

function registerLine([name, register]: [string, Register], value: Readonly<Record<string, number>>): string {
  const content = value[name] ?? 0;
  const set = fieldsIn(register, content);
  return `  ${hex(register.offset).padEnd(7)} ${name.padEnd(16)} ${hex(content)}${set.length === 0 ? '' : ` (${set.join(' ')})`}\n`;
}

/** A guest's memory by virtual addresses of its first vCPU's. */
export function inspectMemory(
  { kernel }: Session,
  vm: string | undefined,
  va: bigint,
  sizeBytes = DEFAULT_MEMORY_BYTES,
): string {
  const vcpu = kernel.vcpus().find((each) => vm === undefined || each.vm === vm);
  if (vcpu === undefined) throw new Refusal(`there is no guest ${vm ?? ''}`);
  const count = Math.min(sizeBytes, MEMORY_LIMIT_BYTES);
  const bytes = gather(kernel.cluster, count, virtualPlaces(vcpu.cpu, va));
  if (bytes.length === 0) throw new Refusal(`${vcpu.vm} has no RAM at ${hex(va)}`);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = [...bytes.subarray(at, at + LINE_BYTES)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) =>
      byte >= PRINTABLE_FIRST && byte <= PRINTABLE_LAST ? String.fromCharCode(byte) : '.',
    );
    lines.push(`${hex(va + BigInt(at))}  ${digits.padEnd(3 * LINE_BYTES)} ${text.join('')}\n`);
  }
  return lines.join('');
}
