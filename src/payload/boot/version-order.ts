/**
 * The order of versions after UAPI.10, the Version Format Specification, as systemd-boot sorts entries by it: pieces of digits as numbers,
 * of letters by their codes; `~` is before the end, and `-`, `^` and `.` begin what is newer the later they come in this row.
 */
const SEPARATORS: readonly (string | undefined)[] = ['~', undefined, '-', '^', '.'];

/** Negative where `a` is older. */
export function compareVersions(a: string, b: string): number {
  let [left, right] = [significant(a), significant(b)];
  for (;;) {
    const order = rankOf(left) - rankOf(right);
    if (order !== 0) return order;
    if (left === '') return 0;
    if (rankOf(left) !== OTHER) {
      [left, right] = [significant(left.slice(1)), significant(right.slice(1))];
      continue;
    }
    const [one, other] = [pieceOf(left), pieceOf(right)];
    const byPiece = comparePieces(one, other);
    if (byPiece !== 0) return byPiece;
    [left, right] = [significant(left.slice(one.length)), significant(right.slice(other.length))];
  }
}

const OTHER = SEPARATORS.length;

function rankOf(text: string): number {
  const at = SEPARATORS.indexOf(text[0]);
  return at < 0 ? OTHER : at;
}

/** Other characters are passed over. */
function significant(text: string): string {
  return text.replace(/^[^a-zA-Z0-9~.^-]+/, '');
}

function pieceOf(text: string): string {
  return /^(?:\d+|[a-zA-Z]+)/.exec(text)?.[0] ?? '';
}

function comparePieces(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d/.test(a), /^\d/.test(b)];
  if (isNumber !== isOtherNumber) return isNumber ? 1 : -1;
  if (isNumber) {
    const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
    if (left.length !== right.length) return left.length - right.length;
    return left === right ? 0 : left < right ? -1 : 1;
  }
  return a === b ? 0 : a < b ? -1 : 1;
}
