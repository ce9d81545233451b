/** Finds the pages that are generated. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFiles } from '../test/support/files.ts';

export interface GeneratedPage {
  /** From the root of the checkout: `docs/diagnostics.md`. */
  readonly path: string;
  /** The whole text of the page. The same tree gives the same text. */
  render(): string | Promise<string>;
  /**
   * For a page that is made from Debian's kernel package: the version that would be used now. The page says its own in
   * words ({@link madeFromSentence}), and is only to be compared with one that is made from the same.
   */
  madeFrom?(): Promise<string>;
}

const MADE_FROM = "Made from Debian's kernel package";

export function madeFromSentence(version: string): string {
  return `${MADE_FROM} ${version}.`;
}

/** The version that a page says it was made from. */
export function versionOf(page: string): string | undefined {
  return page.match(new RegExp(`${MADE_FROM} (\\S+)\\.(?:\\s|$)`))?.[1];
}

/** What a `.page.ts` exports. */
interface PageModule extends Pick<GeneratedPage, 'render' | 'madeFrom'> {
  /** For a page that is no Markdown. */
  readonly extension?: string;
}

const ENDING = '.page.js';

export async function generatedPages(): Promise<readonly GeneratedPage[]> {
  const pages: GeneratedPage[] = [];
  for (const file of compiledFiles(ENDING)) {
    const { render, madeFrom, extension = 'md' } = (await import(pathToFileURL(file).href)) as PageModule;
    const path = `docs/${basename(file).slice(0, -ENDING.length)}.${extension}`;
    pages.push({ path, render, ...(madeFrom === undefined ? {} : { madeFrom }) });
  }
  return pages;
}
