/** The views, in the order of the bar. */
import { OPEN_VIEW } from './open/open.tsx';
import { REQUEST_VIEW } from './request/request.tsx';
import { RUN_VIEW } from './run/run.tsx';
import type { View } from './view.ts';

export const VIEWS: readonly View[] = [OPEN_VIEW, REQUEST_VIEW, RUN_VIEW];
