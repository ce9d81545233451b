/** Finds the pages that are generated. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFiles } from '../test/support/files.ts';

export interface GeneratedPage {
  /** From the root of the checkout: `docs/diagnostics.md`. */
  readonly path: string;
  /** The whole text of the page. The same tree gives the same text. */
  render(): string | Promise<string>;
}

const ENDING = '.page.js';

export async function generatedPages(): Promise<readonly GeneratedPage[]> {
  const pages: GeneratedPage[] = [];
  for (const file of compiledFiles(ENDING)) {
    const { render } = (await import(pathToFileURL(file).href)) as Pick<GeneratedPage, 'render'>;
    pages.push({ path: `docs/${basename(file).slice(0, -ENDING.length)}.md`, render });
  }
  return pages;
}
