/** What the debug console is told of a fault that the monitor did not answer: all that a person needs who has no debugger there. */
import { hex } from '../base/index.ts';
import type { Fault, VcpuRegisters } from '../sel4/index.ts';

const GENERAL_REGISTERS = 31;
const REGISTERS_A_LINE = 4;
const ELSEWHERE = ['ESR_EL1', 'FAR_EL1', 'ELR_EL1', 'SPSR_EL1', 'VBAR_EL1'];

/** Lines, each ended: the fault with its words, the program counter, then registers. */
export function unansweredText(
  vcpu: number,
  fault: Fault | undefined,
  label: number,
  registers: VcpuRegisters,
): string {
  const rows = [
    ['PC', registers.pc],
    ['SP', registers.sp],
    ['PSTATE', registers.pstate],
    ...Array.from({ length: GENERAL_REGISTERS }, (_, index) => [`X${index}`, registers.x(index)] as const),
    ...ELSEWHERE.map((name) => [name, registers.system(name)] as const),
  ] as const;
  const what = fault === undefined ? `a fault with label ${label}` : describedFault(fault);
  const lines = [`vCPU ${vcpu} stays where it is, at ${hex(registers.pc)}: ${what}`];
  for (let at = 0; at < rows.length; at += REGISTERS_A_LINE) {
    const row = rows.slice(at, at + REGISTERS_A_LINE);
    lines.push(`  ${row.map(([name, value]) => `${name}=${hex(value)}`).join(' ')}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function describedFault(fault: Fault): string {
  const { label, ...words } = fault;
  const shown = Object.entries(words).map(
    ([name, value]) => `${name} ${typeof value === 'boolean' ? value : hex(value)}`,
  );
  return shown.length === 0 ? label : `${label}, ${shown.join(', ')}`;
}
