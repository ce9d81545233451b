/**
 * How a reference is written behind its `&`: `label`, `{/path}`, or from a label down, `{label/path}` (dtc from 1.7.1).
 * Markers hold it in this form.
 */

/** What dtc takes for a label (its scanner's LABEL). */
export const LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface ReferenceText {
  /** The label that the path begins at; without it, it begins at the root. */
  readonly label: string | undefined;
  /** The names to go down by. */
  readonly path: readonly string[];
}

export function referenceText(text: string): ReferenceText {
  const inner = text.startsWith('{') ? text.slice(1, -1) : text;
  const [first = '', ...rest] = inner.split('/');
  const names = rest.filter((name) => name !== '');
  return { label: inner.startsWith('/') ? undefined : first, path: names };
}

/** Whether a reference goes down by names at all, from a label or from the root: no fixup of an overlay can say that. */
export function hasPath(text: string): boolean {
  return text.includes('/');
}

/** Whether a reference goes down from a label. */
export function isLabelRelative(text: string): boolean {
  return hasPath(text) && !text.startsWith('{/');
}
