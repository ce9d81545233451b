/** What is to be traced, as people write it: `irq,mmio:device=serial@3000,function:name=meson_uart_*:from=0.1:to=0.2`. */
import { matchesGlob, Refusal } from '../../base/index.ts';

/** What there is to trace, and in a word what it is. */
export const TRACE_KINDS = {
  irq: 'interrupts that are delivered to protection domains',
  line: 'lines to the interrupt controller that rise and fall',
  fault: "guests' faults, as their monitors get them: emulated registers among them",
  vcpu: 'vCPUs that are started and stopped',
  turn: "vCPUs' turns and domains' notifications: who ran when",
  mmio: "accesses to the board's devices, by register and field",
  virtqueue: 'requests that virtio devices have done',
  syscall: "system calls of guests' programs, with their results",
  function: 'functions of the kernel that are entered: name=GLOB says which',
  instruction: 'every instruction; say from when to when',
} as const;

/** The name of one. */
export type TraceKind = keyof typeof TRACE_KINDS;

/** One thing to trace, and what of it. */
export interface TraceSpec {
  readonly kind: TraceKind;
  readonly guest?: string;
  /** Of a device's path, or the end of it; with `*`. */
  readonly device?: string;
  /** Of functions, system calls or registers; with `*`. */
  readonly name?: string;
  /** Of addresses: a device's registers, a fault's, an instruction's. */
  readonly range?: { readonly first: bigint; readonly end: bigint };
  readonly fromNs: number;
  readonly toNs: number;
}

/** What is looked at where a file is named and nothing else: who ran, who was interrupted, what was asked of monitors. */
export const DEFAULT_TRACE = 'irq,line,fault,vcpu,turn';

const NS_PER_SECOND = 1e9;
const SECONDS = /^\d+(?:\.\d+)?$/;
const RANGE = /^(0x[0-9a-f]+)-(0x[0-9a-f]+)$/i;

/** What is traced by stopping vCPUs, which only one at a time can do. */
const BY_STOPS: readonly TraceKind[] = ['syscall', 'function', 'instruction'];

/** Whether it takes stops of vCPUs. */
export function stopsVcpus({ kind }: TraceSpec): boolean {
  return BY_STOPS.includes(kind);
}

/** Throws {@link Refusal} where it is not of that form. */
export function parseTrace(text: string): readonly TraceSpec[] {
  return text.split(',').map(parseOne);
}

function parseOne(text: string): TraceSpec {
  const [kind = '', ...filters] = text.trim().split(':');
  if (!isKind(kind)) {
    throw new Refusal(`"${kind}" is nothing to trace: there are ${Object.keys(TRACE_KINDS).join(', ')}`);
  }
  let spec: TraceSpec = { kind, fromNs: 0, toNs: Number.POSITIVE_INFINITY };
  for (const filter of filters) {
    const at = filter.indexOf('=');
    spec = { ...spec, ...filterOf(filter.slice(0, Math.max(0, at)), filter.slice(at + 1), text) };
  }
  if (kind === 'function' && spec.name === undefined)
    throw new Refusal('which functions: function:name=GLOB, such as function:name=meson_uart_*');
  return spec;
}

function filterOf(key: string, value: string, text: string): Partial<TraceSpec> {
  if (value !== '') {
    if (key === 'guest' || key === 'device' || key === 'name') return { [key]: value };
    if ((key === 'from' || key === 'to') && SECONDS.test(value))
      return { [key === 'from' ? 'fromNs' : 'toNs']: Number(value) * NS_PER_SECOND };
    const [, first = '', end = ''] = RANGE.exec(key === 'range' ? value : '') ?? [];
    if (end !== '') return { range: { first: BigInt(first), end: BigInt(end) } };
  }
  throw new Refusal(
    `"${text}": filters are guest=NAME, device=PATH, name=GLOB, range=0x1000-0x2000, from=SECONDS, to=SECONDS`,
  );
}

function isKind(name: string): name is TraceKind {
  return Object.hasOwn(TRACE_KINDS, name);
}

/** What an event has that filters look at. */
export interface Traceable {
  readonly kind: TraceKind;
  readonly timeNs: number;
  readonly guest?: string | undefined;
  readonly device?: string | undefined;
  readonly name?: string | undefined;
  readonly address?: bigint | undefined;
}

/** Whether one of them wants it. What an event has nothing of, a filter does not find in it. */
export function isWanted(specs: readonly TraceSpec[], event: Traceable): boolean {
  return specs.some(
    (spec) =>
      spec.kind === event.kind &&
      event.timeNs >= spec.fromNs &&
      event.timeNs < spec.toNs &&
      (spec.guest === undefined || spec.guest === event.guest) &&
      (spec.device === undefined || isNamed(event.device ?? '', spec.device)) &&
      (spec.name === undefined || matchesGlob(spec.name, event.name ?? '')) &&
      (spec.range === undefined || isInside(event.address, spec.range)),
  );
}

function isNamed(path: string, wanted: string): boolean {
  return matchesGlob(wanted, path) || matchesGlob(`*/${wanted}`, path);
}

function isInside(
  address: bigint | undefined,
  { first, end }: { readonly first: bigint; readonly end: bigint },
): boolean {
  return address !== undefined && address >= first && address < end;
}
