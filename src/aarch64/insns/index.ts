/** All instructions. Add a file's list here; `decoder.test.ts` finds overlaps. */
import type { Definition } from '../definition.ts';
import { BRANCHES } from './branches.ts';
import { DATA_PROCESSING_IMMEDIATE } from './data-processing-immediate.ts';
import { DATA_PROCESSING_REGISTER } from './data-processing-register.ts';
import { LOADS_AND_STORES } from './loads-and-stores.ts';
import { SYNCHRONISATION } from './synchronisation.ts';
import { SYSTEM } from './system.ts';

export const INSTRUCTIONS: readonly Definition[] = [
  ...DATA_PROCESSING_IMMEDIATE,
  ...DATA_PROCESSING_REGISTER,
  ...BRANCHES,
  ...LOADS_AND_STORES,
  ...SYNCHRONISATION,
  ...SYSTEM,
];
