/** A view of the workbench: one folder beside this file, one row in `index.ts`. */
import type { ComponentChild } from 'preact';

export interface View {
  /** Its word in the address: `#run`. */
  readonly id: string;
  /** Its name in the bar. */
  readonly title: string;
  readonly component: () => ComponentChild;
  /** Whether there is something to show; by signals. */
  readonly isAvailable: () => boolean;
}
