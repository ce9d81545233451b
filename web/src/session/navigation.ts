/** Where in the workbench the person is: kept in the address, so that Back works and a link leads to a view. */
import { signal } from '@preact/signals';

/** A view, and what in it is meant: `#request?line=7`. */
export interface Place {
  readonly view: string;
  readonly parameters: Readonly<Record<string, string>>;
}

function placeOf(hash: string): Place {
  const [view = '', query = ''] = hash.replace(/^#/, '').split('?');
  return { view: view === '' ? 'open' : view, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

export const place = signal<Place>(placeOf(location.hash));

addEventListener('hashchange', () => {
  place.value = placeOf(location.hash);
});

/** Goes to a view: `goTo('request', { line: 7 })`. */
export function goTo(view: string, parameters: Readonly<Record<string, string | number>> = {}): void {
  location.hash = addressOf(view, parameters);
}

/** The same as a link's address. */
export function addressOf(view: string, parameters: Readonly<Record<string, string | number>> = {}): string {
  const words = Object.entries(parameters).map(([name, value]) => [name, `${value}`]);
  return words.length === 0 ? `#${view}` : `#${view}?${new URLSearchParams(words)}`;
}
