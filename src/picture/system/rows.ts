/**
 * Which row of the diagram each box is in. A lane is a priority, the highest at the top, and has a row of domains or several; between
 * any two rows is room for the links and regions that join them. Guests have the lowest lane: they run when nobody else does.
 */
import type { SizedBox } from './box-lines.ts';
import type { BoxesAndTies } from './boxes.ts';
import type { SystemFacts } from './facts.ts';

export interface LaneRows {
  readonly label: string;
  /** The first rank of the lane, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

export interface Rows {
  /** By a box's id. */
  readonly ranks: ReadonlyMap<string, number>;
  readonly lanes: readonly LaneRows[];
}

/** What a row takes at most, if more than one box is in it. */
const ROW_PX = 1900;
export const BOX_GAP_PX = 28;

const widthOf = (boxes: readonly SizedBox[]): number =>
  boxes.reduce((sum, { widthPx }) => sum + widthPx + BOX_GAP_PX, 0);

/** As few rows as hold the boxes, each about as full as the others; the boxes keep their order. */
function wrapped(boxes: readonly SizedBox[]): readonly (readonly SizedBox[])[] {
  const rows = Math.ceil(widthOf(boxes) / ROW_PX);
  if (rows <= 1) return boxes.length === 0 ? [] : [boxes];
  const wanted = widthOf(boxes) / rows;
  const result: SizedBox[][] = [[]];
  for (const box of boxes) {
    const row = result.at(-1) ?? [];
    if (row.length > 0 && widthOf([...row, box]) > wanted + box.widthPx / 2) result.push([box]);
    else row.push(box);
  }
  return result;
}

export function rowsOf(facts: SystemFacts, { boxes, links, shared }: BoxesAndTies): Rows {
  const byId = new Map(boxes.map((box) => [box.id, box] as const));
  const boxesOf = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const priorities = [...new Set(facts.domains.map(({ priority }) => priority))].sort((a, b) => b - a);
  const lanes = [
    ...priorities.map((priority) => ({
      label: `priority ${priority}`,
      rows: wrapped(
        boxesOf(facts.domains.filter((domain) => domain.priority === priority).map(({ key }) => key)),
      ),
    })),
    { label: 'guests', rows: wrapped(boxesOf(facts.guests.map(({ key }) => key))) },
    { label: 'unclaimed', rows: wrapped(boxes.filter(({ kind }) => kind === 'unclaimed')) },
  ].filter(({ rows }) => rows.length > 0);
  const rows = lanes.flatMap((lane) => lane.rows);
  const rowOf = new Map(rows.flatMap((row, index) => row.map(({ id }) => [id, index] as const)));
  /** What stands below each row. */
  const slots = rows.map((): SizedBox[] => []);
  const put = (id: string, owners: readonly string[]): void => {
    const box = byId.get(id);
    const held = owners.flatMap((owner) => rowOf.get(owner) ?? []);
    if (box === undefined || held.length === 0) return;
    const [top, bottom] = [Math.min(...held), Math.max(...held)];
    // Where there is a choice: where the least stands yet.
    const candidates = slots.map((slot, index) => ({ slot, index })).slice(top, Math.max(top + 1, bottom));
    const best = candidates.reduce<(typeof candidates)[number] | undefined>(
      (least, each) => (least === undefined || widthOf(each.slot) < widthOf(least.slot) ? each : least),
      undefined,
    );
    best?.slot.push(box);
  };
  for (const { id, owners } of shared) put(id, owners);
  for (const { id, ends } of links) put(id, ends);
  const ranks = new Map<string, number>();
  let rank = 0;
  let row = 0;
  const placed: LaneRows[] = [];
  for (const lane of lanes) {
    const from = rank;
    let to = rank;
    for (const each of lane.rows) {
      for (const { id } of each) ranks.set(id, rank);
      to = ++rank;
      const slot = slots[row++] ?? [];
      const turns = wrapped(slot).length;
      for (const [index, { id }] of slot.entries()) ranks.set(id, rank + (index % Math.max(1, turns)));
      rank += turns;
    }
    placed.push({ label: lane.label, from, to });
  }
  return { ranks, lanes: placed };
}
