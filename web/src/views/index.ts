/** The views, in the order of the bar. */
import { BOARD_VIEW } from './board/board.tsx';
import { INTERRUPTS_VIEW } from './interrupts/interrupts.tsx';
import { MEMORY_VIEW } from './memory/memory.tsx';
import { OPEN_VIEW } from './open/open.tsx';
import { REQUEST_VIEW } from './request/request.tsx';
import { RUN_VIEW } from './run/run.tsx';
import { SYSTEM_VIEW } from './system/system.tsx';
import type { View } from './view.ts';

export const VIEWS: readonly View[] = [
  OPEN_VIEW,
  BOARD_VIEW,
  MEMORY_VIEW,
  INTERRUPTS_VIEW,
  SYSTEM_VIEW,
  REQUEST_VIEW,
  RUN_VIEW,
];
