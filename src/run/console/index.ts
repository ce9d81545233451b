/** The consoles of a run: who speaks, what is shown of it, and whom the keyboard is for. */
export * from './consoles.ts';
export { type ConsoleSource, consoleSources } from './sources.ts';
export * from './text-watch.ts';
export * from './view.ts';
