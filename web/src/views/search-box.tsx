/** Where one types what to look for. */
import type { Signal } from '@preact/signals';

export interface SearchBoxOptions {
  readonly search: Signal<string>;
  /** What it is called, for those who don't see it. */
  readonly name: string;
  /** What may be typed. */
  readonly looksFor: string;
}

export function SearchBox({ search, name, looksFor }: SearchBoxOptions) {
  return (
    <input
      type="search"
      aria-label={name}
      placeholder={looksFor}
      value={search.value}
      onInput={({ currentTarget }) => {
        search.value = currentTarget.value;
      }}
    />
  );
}
