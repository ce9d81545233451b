/** What the views draw of a system, as plain values that reach the page by a clone. */
import type { Board } from '../../../src/devicetree/index.ts';
import { explainAuthority, type MicrokitBoard, type ReadDescription } from '../../../src/microkit/index.ts';
import {
  comparedDiagram,
  type InterruptTable,
  inlineSvg,
  interruptsDrawing,
  type PhysicalMemory,
  picturesOf as picturesOfDescription,
  systemDrawing,
} from '../../../src/picture/index.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { type BoardPicture, boardPicture } from './board-picture.ts';

/** A system as the worker has it. */
export interface LoadedSystem {
  readonly board: Board;
  readonly read: ReadDescription;
  readonly microkit?: MicrokitBoard;
  /** The guests' trees, by the names of their virtual machines. */
  readonly guests: ReadonlyMap<string, Board>;
  readonly plan?: Plan;
}

/** A picture that is drawn already, as SVG with the library's own style sheet. */
export interface DrawnPicture {
  readonly svg: string;
  readonly css: string;
}

/** Where a region is written. */
export interface RegionPlace {
  readonly file: string;
  readonly line: number;
}

/** The layouts of the views. */
export interface Pictures {
  readonly board: BoardPicture;
  readonly memory: PhysicalMemory;
  readonly interrupts: InterruptTable & { readonly drawn: DrawnPicture };
  readonly system: DrawnPicture;
  /** Against the first version of the session; absent where nothing was changed. */
  readonly compared?: DrawnPicture;
  readonly explanation: string;
  /** By their names. */
  readonly regionPlaces: Readonly<Record<string, RegionPlace>>;
  /** The paths of the nodes whose registers lie in a region. */
  readonly regionDevices: Readonly<Record<string, readonly string[]>>;
}

/** Lays out everything that views draw; `named` calls files as the session does, `first` is what that began with. */
export function picturesOf(
  { board, read, microkit, plan }: LoadedSystem,
  named: (file: string) => string,
  first?: LoadedSystem,
): Pictures {
  const options = { tree: board, board: microkit, plan };
  const { authority, system, memory, interrupts } = picturesOfDescription(read, options);
  const places = read.description.memoryRegions.flatMap((region) => {
    const position = read.origins.element(region);
    return position === undefined
      ? []
      : [[region.name, { file: named(position.file), line: position.line ?? 1 }] as const];
  });
  return {
    board: boardPicture(board, plan),
    memory,
    interrupts: {
      ...interrupts,
      drawn: drawn(interruptsDrawing('Ids of each domain', { ...interrupts, rows: [] })),
    },
    system: drawn(systemDrawing('Who is there, by priority', system)),
    ...(first === undefined
      ? {}
      : {
          compared: drawn(
            systemDrawing('What changed since the session began', comparedDiagram(first.read, read, options)),
          ),
        }),
    explanation: explainAuthority(authority),
    regionPlaces: Object.fromEntries(places),
    regionDevices: Object.fromEntries(
      authority.regions.map(({ region, devices }) => [
        region,
        [...new Set(devices.filter(({ enabled }) => enabled).map(({ path }) => path))],
      ]),
    ),
  };
}

function drawn(drawing: Parameters<typeof inlineSvg>[0]): DrawnPicture {
  return { svg: inlineSvg(drawing), css: drawing.css };
}
