/**
 * A rule on the names of kernel objects (Microkit 2.3's tool: `capdl/builder.rs`): the tool makes them from those of domains, virtual
 * machines and regions, finds objects by them, and panics where two are the same.
 */
import type { ProtectionDomain, VirtualMachine } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfDomainCodes as codes } from './diagnostics.ts';

interface NamedObject {
  readonly object: string;
  /** What it is made for; none for Microkit's own monitor. */
  readonly part?: object;
  readonly kind: string;
  readonly name: string;
}

/** Numbered frames are told apart by nine digits at the end of their names. */
const DIGITS = '…';
const MONITOR_NAME = 'monitor';

function ofDomain(name: string): readonly string[] {
  const single = ['tcb', 'ntfn', 'reply', 'ep', 'sched_context', 'cnode', 'frame_ipcbuf', 'vspace'];
  return [
    ...single.map((type) => `${type}_${name}`),
    `cnode_${name}_root`,
    `frame_elf_${name}_${DIGITS}`,
    `frame_${name}_stack_${DIGITS}`,
  ];
}

function ofVirtualMachine({ name, vcpus }: VirtualMachine): readonly string[] {
  const each = ['tcb', 'vcpu', 'sched_context', 'cnode', 'frame_ipcbuf'];
  const ids = [...new Set(vcpus.map(({ id }) => id))];
  return [`vspace_${name}`, ...ids.flatMap((id) => each.map((type) => `${type}_${name}_${id}`))];
}

function objectsOf(context: CheckContext): readonly NamedObject[] {
  const monitor = [...ofDomain(MONITOR_NAME), `ep_fault_${MONITOR_NAME}`];
  // A protection domain that is called like the monitor is an error of its own.
  const pdsOnce = firstsOf(context.pds).filter(({ name }) => name !== MONITOR_NAME);
  const vmsOnce = firstsOf(context.monitors.map(({ vm }) => vm));
  return [
    ...monitor.map((object) => ({ object, kind: '', name: "Microkit's monitor" })),
    ...pdsOnce.flatMap((part: ProtectionDomain) =>
      ofDomain(part.name).map((object) => ({ object, part, kind: 'protection domain', name: part.name })),
    ),
    ...vmsOnce.flatMap((part) =>
      ofVirtualMachine(part).map((object) => ({ object, part, kind: 'virtual machine', name: part.name })),
    ),
    ...firstsOf(context.description.memoryRegions).map((part) => {
      const object = `frame_mr_${part.name}_${DIGITS}`;
      return { object, part, kind: 'memory region', name: part.name };
    }),
  ];
}

/** Of parts of one name, which are reported as such, and of those without one, the first. */
function firstsOf<Part extends { readonly name: string }>(parts: readonly Part[]): readonly Part[] {
  const seen = new Set(['']);
  return parts.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function objectNamesDiffer(context: CheckContext): void {
  const reported = new Set<object>();
  eachRepeat(
    objectsOf(context),
    ({ object }) => object,
    ({ object, part, kind, name }, first) => {
      // Of several objects the first says it.
      if (part === undefined || reported.has(part)) return;
      reported.add(part);
      const other = first.part === undefined ? first.name : `the ${first.kind} ${first.name}`;
      const where = first.part === undefined ? '' : context.onLine(first.part);
      const params = { kind, name, object: object.replace(`_${DIGITS}`, '_000000000'), other, where };
      context.sink.report(codes['object-name'].at(context.value(part, 'name'), params));
    },
  );
}

export const OBJECT_NAME_RULES: readonly Rule[] = [objectNamesDiffer];
