/** Moments of a run, by what had happened until then: the same in every run of the same inputs. */
import type { Session } from './session.ts';

export interface Position {
  /** Of the kernel's steps. */
  readonly stepsDone: number;
  /** By all vCPUs together. */
  readonly retired: number;
  readonly timeNs: number;
  /** The vCPU that stands within its slice there, by its place in the cluster, and how many instructions it had retired. */
  readonly within: { readonly vcpu: number; readonly retired: number } | undefined;
}

export function positionOf({ kernel, machine }: Session): Position {
  const { cluster, running, isWithinSlice, stepsDone } = kernel;
  const cpu = isWithinSlice ? running?.cpu : undefined;
  return {
    stepsDone,
    retired: cluster.vcpus.reduce((sum, each) => sum + each.retired, 0),
    timeNs: machine.time.nowNs,
    within: cpu === undefined ? undefined : { vcpu: cpu.index, retired: cpu.retired },
  };
}

export function isBefore(a: Position, b: Position): boolean {
  if (a.stepsDone !== b.stepsDone) return a.stepsDone < b.stepsDone;
  return a.retired === b.retired ? a.timeNs < b.timeNs : a.retired < b.retired;
}
