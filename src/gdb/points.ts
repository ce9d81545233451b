/** The breakpoints and watchpoints that a client has set, by guest (GDB manual E.2, `z0` to `z4`). */
import type { DebugPoints } from '../aarch64/index.ts';

export const POINT = { software: 0, hardware: 1, write: 2, read: 3, access: 4 } as const;
export type PointType = (typeof POINT)[keyof typeof POINT];

interface Point {
  readonly type: PointType;
  readonly va: bigint;
  readonly sizeBytes: number;
}

/** More than anybody needs. */
const LIMIT = 4096;

export class Points {
  readonly #points = new Map<string, Point>();

  /** `false`: there are too many. */
  add(point: Point): boolean {
    if (this.#points.size >= LIMIT) return false;
    this.#points.set(keyOf(point), point);
    return true;
  }

  remove(point: Point): void {
    this.#points.delete(keyOf(point));
  }

  get all(): DebugPoints {
    const points = [...this.#points.values()];
    return {
      breakpoints: points.filter(({ type }) => type <= POINT.hardware).map(({ va }) => va),
      watchpoints: points
        .filter(({ type }) => type > POINT.hardware)
        .map(({ type, va, sizeBytes }) => ({
          va,
          sizeBytes,
          loads: type !== POINT.write,
          stores: type !== POINT.read,
        })),
    };
  }

  /** The one that stopped a vCPU at an instruction. */
  breakpointAt(va: bigint): PointType | undefined {
    return [...this.#points.values()].find((point) => point.type <= POINT.hardware && point.va === va)?.type;
  }

  /** The one that watches a byte. */
  watchpointOf(va: bigint, write: boolean): PointType | undefined {
    return [...this.#points.values()].find(
      ({ type, va: start, sizeBytes }) =>
        type > POINT.hardware &&
        (write ? type !== POINT.read : type !== POINT.write) &&
        va >= start &&
        va < start + BigInt(sizeBytes),
    )?.type;
  }
}

function keyOf({ type, va, sizeBytes }: Point): string {
  return `${type} ${va} ${sizeBytes}`;
}
