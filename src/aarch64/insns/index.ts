/** All instructions. Add a file's list here; `decoder.test.ts` finds overlaps. */
import type { Definition } from '../definition.ts';
import { BRANCHES } from './branches.ts';
import { CRYPTO_AES } from './crypto-aes.ts';
import { CRYPTO_SHA } from './crypto-sha.ts';
import { DATA_PROCESSING_IMMEDIATE } from './data-processing-immediate.ts';
import { DATA_PROCESSING_REGISTER } from './data-processing-register.ts';
import { FLOATING_POINT } from './floating-point.ts';
import { FLOATING_POINT_CONVERSIONS } from './floating-point-conversions.ts';
import { LOADS_AND_STORES } from './loads-and-stores.ts';
import { SYNCHRONISATION } from './synchronisation.ts';
import { SYSTEM } from './system.ts';
import { VECTOR_FLOATS } from './vector-floats.ts';
import { VECTOR_INDEXED } from './vector-indexed.ts';
import { VECTOR_LOADS_AND_STORES } from './vector-loads-and-stores.ts';
import { VECTOR_PERMUTES } from './vector-permutes.ts';
import { VECTOR_SHIFTS } from './vector-shifts.ts';
import { VECTOR_STRUCTURES } from './vector-structures.ts';
import { VECTOR_THREE_DIFFERENT } from './vector-three-different.ts';
import { VECTOR_THREE_SAME } from './vector-three-same.ts';
import { VECTOR_TWO_REGISTERS } from './vector-two-registers.ts';

export const INSTRUCTIONS: readonly Definition[] = [
  ...DATA_PROCESSING_IMMEDIATE,
  ...DATA_PROCESSING_REGISTER,
  ...BRANCHES,
  ...LOADS_AND_STORES,
  ...SYNCHRONISATION,
  ...SYSTEM,
  ...FLOATING_POINT,
  ...FLOATING_POINT_CONVERSIONS,
  ...VECTOR_FLOATS,
  ...VECTOR_INDEXED,
  ...VECTOR_LOADS_AND_STORES,
  ...VECTOR_PERMUTES,
  ...VECTOR_SHIFTS,
  ...VECTOR_STRUCTURES,
  ...VECTOR_THREE_DIFFERENT,
  ...VECTOR_THREE_SAME,
  ...VECTOR_TWO_REGISTERS,
  ...CRYPTO_AES,
  ...CRYPTO_SHA,
];
