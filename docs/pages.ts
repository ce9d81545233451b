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

/** What a `.page.ts` exports. */
interface PageModule extends Pick<GeneratedPage, 'render'> {
  /** For a page that is no Markdown. */
  readonly extension?: string;
}

const ENDING = '.page.js';

export async function generatedPages(): Promise<readonly GeneratedPage[]> {
  const pages: GeneratedPage[] = [];
  for (const file of compiledFiles(ENDING)) {
    const { render, extension = 'md' } = (await import(pathToFileURL(file).href)) as PageModule;
    pages.push({ path: `docs/${basename(file).slice(0, -ENDING.length)}.${extension}`, render });
  }
  return pages;
}
