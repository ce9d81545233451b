/** How options' values are read, whatever command they are of. */
import { InvalidArgumentError } from 'commander';

/** For an option that may be given again. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (!(number > 0)) throw new InvalidArgumentError('It is a number of seconds, such as 60 or 0.5.');
  return number;
}
