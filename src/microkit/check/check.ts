/** Checks a description against every rule, in one run. */
import type { DiagnosticSink } from '../../base/index.ts';
import type { ReadDescription } from '../read/index.ts';
import { CheckContext, type CheckOptions, type Rule } from './context.ts';
import { DOMAIN_RULES } from './domain/domains.ts';
import { NAME_RULES } from './domain/names.ts';
import { OBJECT_NAME_RULES } from './domain/object-names.ts';
import { SCHEDULING_RULES } from './domain/scheduling.ts';
import { SYMBOL_RULES } from './domain/symbols.ts';
import { GUEST_RULES } from './guest/rules.ts';
import { CHANNEL_RULES } from './interrupt/channels.ts';
import { INTERRUPT_RULES } from './interrupt/interrupts.ts';
import { GIC_RULES } from './machine/gic.ts';
import { IO_ADDRESS_SPACE_RULES } from './machine/io-address-spaces.ts';
import { VIRTUAL_MACHINE_RULES } from './machine/virtual-machines.ts';
import { BOARD_MEMORY_RULES } from './memory/board-memory.ts';
import { FLOATING_MEMORY_RULES } from './memory/floating-memory.ts';
import { MAP_RULES } from './memory/maps.ts';
import { REGION_RULES } from './memory/regions.ts';
import { PROGRAM_RULES } from './program/programs.ts';
import { TREE_INTERRUPT_RULES } from './tree/interrupts.ts';
import { isOtherBoard } from './tree/other-board.ts';
import { OWNER_RULES } from './tree/owners.ts';
import { TREE_REGION_RULES } from './tree/regions.ts';

const RULES: readonly Rule[] = [
  ...NAME_RULES,
  ...OBJECT_NAME_RULES,
  ...REGION_RULES,
  ...MAP_RULES,
  ...BOARD_MEMORY_RULES,
  ...FLOATING_MEMORY_RULES,
  ...SCHEDULING_RULES,
  ...DOMAIN_RULES,
  ...SYMBOL_RULES,
  ...INTERRUPT_RULES,
  ...CHANNEL_RULES,
  ...VIRTUAL_MACHINE_RULES,
  ...GIC_RULES,
  ...IO_ADDRESS_SPACE_RULES,
  ...PROGRAM_RULES,
];

/** What takes the trees' word. */
const TREE_RULES: readonly Rule[] = [
  ...TREE_REGION_RULES,
  ...OWNER_RULES,
  ...TREE_INTERRUPT_RULES,
  ...GUEST_RULES,
];

/** Reports everything that is wrong with a description that was read, beyond what its reader reported. */
export function checkDescription(read: ReadDescription, options: CheckOptions, sink: DiagnosticSink): void {
  const context = new CheckContext(read, options, sink);
  const rules = isOtherBoard(context) ? RULES : [...RULES, ...TREE_RULES];
  for (const rule of rules) rule(context);
}
