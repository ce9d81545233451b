/** What the parts of a system description have in common: comments on them, and what most domains lack. */

/** Puts lines above a part of the description. */
export type Note = <Part extends object>(part: Part, ...lines: readonly string[]) => Part;

/** What a domain has none of. */
export const NOTHING = { ioports: [], setvars: [], capMaps: [], children: [] } as const;

const COMMENT_WIDTH = 110;

/** Breaks a list at its commas into lines of readable length. */
export function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > COMMENT_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
