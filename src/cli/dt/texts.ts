/** How devices, registers and interrupts are written for people and for programs. */
import { hex, rangeEnd } from '../../base/index.ts';
import { BUS_KINDS, type Device, type Interrupt, type Reg } from '../../devicetree/index.ts';

/** `0xff803000–0xff803018`, or why there is no such range. */
export function regText({ name, cpu, reason, bus }: Reg): string {
  const label = name === undefined ? '' : `${name}: `;
  if (cpu !== undefined) return `${label}${hex(cpu.base)}–${hex(rangeEnd(cpu) - 1)}`;
  return `${label}${reason === 'other-bus' && bus !== undefined ? `on ${BUS_KINDS[bus]}` : reason}`;
}

/** `225 edge`, `macirq: 58 level via gpc@303a0000`, `one of 96–103 level via …`, `none: message`. */
export function interruptText(interrupt: Interrupt): string {
  const label = interrupt.name === undefined ? '' : `${interrupt.name}: `;
  if (interrupt.reach === 'none') return `${label}none: ${interrupt.reason}`;
  const via = interrupt.chain.slice(0, -1).map(({ controller }) => controller.name);
  const { gic } = interrupt;
  const triggers = [...new Set(gic.map(({ trigger }) => trigger))].join('/');
  const intids = intidsText(gic.map(({ intid }) => intid));
  const how = interrupt.reach === 'allocated' ? 'one of ' : '';
  const shared = interrupt.reach === 'cascaded' ? ' shared' : '';
  return `${label}${how}${intids} ${triggers}${shared}${via.length === 0 ? '' : ` via ${via.join(', ')}`}`;
}

/** Runs are written as ranges: `64–65, 100`. */
function intidsText(intids: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const intid of [...intids].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && intid === last[1] + 1) last[1] = intid;
    else runs.push([intid, intid]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

export function statusText({ status }: Device): string {
  const own = status.text ?? 'okay';
  return status.disabledBy === undefined ? own : `${own}, under ${status.disabledBy.name}, which is not`;
}

/** A device for `--json`. */
export function deviceJson(device: Device): Readonly<Record<string, unknown>> {
  const { path, compatible, status, regs, interrupts } = device;
  return {
    path,
    compatible,
    status: status.text ?? 'okay',
    enabled: status.enabled,
    regs: regs.map(({ index, name, cpu, reason, bus }) => ({
      index,
      ...(name === undefined ? {} : { name }),
      ...(cpu === undefined ? { reason, ...(bus === undefined ? {} : { bus }) } : cpu),
    })),
    interrupts: interrupts.map(interruptJson),
  };
}

function interruptJson(interrupt: Interrupt): Readonly<Record<string, unknown>> {
  const { index, name, property, reach, chain } = interrupt;
  return {
    index,
    ...(name === undefined ? {} : { name }),
    property,
    reach,
    ...(interrupt.reach === 'none'
      ? { reason: interrupt.reason }
      : { gic: interrupt.gic.map(({ intid, trigger, sense }) => ({ intid, trigger, sense })) }),
    chain: chain.map(({ controller, step }) => ({ controller: controller.path, ...(step ? { step } : {}) })),
  };
}
