/** Tables for people: columns as wide as what is in them, cells of several lines. */

/** A cell is its lines; an empty one is blank. */
export type TableCell = string | readonly string[];

const GAP = '  ';

/** The text of a table, each line ended; the last column is not padded. */
export function formatTable(heading: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const lines = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? [cell] : cell)));
  const widths = heading.map((title, column) =>
    lines.reduce(
      (width, row) => (row[column] ?? []).reduce((wide, line) => Math.max(wide, line.length), width),
      title.length,
    ),
  );
  const last = heading.length - 1;
  const print = (cells: readonly string[]) =>
    `${cells
      .map((cell, column) => (column === last ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(GAP)
      .trimEnd()}\n`;
  const body = lines.flatMap((row) => {
    const height = row.reduce((most, cell) => Math.max(most, cell.length), 1);
    return Array.from({ length: height }, (_, line) =>
      print(heading.map((_, column) => row[column]?.[line] ?? '')),
    );
  });
  return [print(heading), ...body].join('');
}
