/** Patterns as people write them for names and paths: `*` stands for any text, `?` for one character. */

/** Whether `text` is what the whole pattern describes. Takes no more than pattern times text steps. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [at, position] = [0, 0];
  /** Where the last `*` stands, and how far into the text it reaches so far. */
  let star = -1;
  let reach = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at;
      reach = position;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      reach += 1;
      position = reach;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
