/** C initialisers, printed as a person would write them: a member a line, with what it means beside it. */

/** A value: an expression, or the members of a struct or an array. */
export type CValue = string | readonly CMember[];

/** A member of a struct, by its field, or of an array, in order. */
export interface CMember {
  readonly field?: string;
  readonly value: CValue;
  /** What it means. */
  readonly comment?: string;
}

/** A member of a struct. */
export const member = (field: string, value: CValue, comment?: string): CMember => ({
  field,
  value,
  ...(comment === undefined ? {} : { comment }),
});

/** A member of an array. */
export const item = (value: CValue, comment?: string): CMember => ({
  value,
  ...(comment === undefined ? {} : { comment }),
});

const INDENT = '    ';

/** The value's text; lines after the first are indented by `depth`. */
export function printCValue(value: CValue, depth = 0): string {
  if (typeof value === 'string') return value;
  const inner = INDENT.repeat(depth + 1);
  const lines = value.map((each) => {
    const name = each.field === undefined ? '' : `.${each.field} = `;
    const text = `${name}${printCValue(each.value, depth + 1)},`;
    if (each.comment === undefined) return `${inner}${text}`;
    // What takes several lines has its comment above.
    const comment = `/* ${each.comment.replaceAll('*/', '* /')} */`;
    return text.includes('\n') ? `${inner}${comment}\n${inner}${text}` : `${inner}${text} ${comment}`;
  });
  return `{\n${lines.join('\n')}\n${INDENT.repeat(depth)}}`;
}

/** A text as C has it: what comes from a request may hold anything. */
export function cString(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}
