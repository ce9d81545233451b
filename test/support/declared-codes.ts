/**
 * Every declared diagnostic code. A declaration is a call of `declareDiagnostics`, in whatever file: files that have one are
 * found by it, and each of their tables must be exported, or it could be neither tested nor documented.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { compiledFiles, projectPath } from './files.ts';
import type { CodeTable, DeclaredCode } from './fixtures.ts';

/** One for each declaration, but not where it is itself declared or spoken of. */
const DECLARATION = /^(?! \*|export function).*\bdeclareDiagnostics\(/gm;

function isDeclaredCode(value: unknown): value is DeclaredCode {
  return typeof value === 'object' && value !== null && 'code' in value && 'explanation' in value;
}

function isCodeTable(value: unknown): value is CodeTable {
  if (typeof value !== 'object' || value === null) return false;
  const entries: readonly unknown[] = Object.values(value);
  return entries.length > 0 && entries.every(isDeclaredCode);
}

/** The codes of all tables in `src/`, sorted, each with its file; throws where a table is not exported. */
export async function declaredCodes(): Promise<readonly (DeclaredCode & { readonly file: string })[]> {
  const codes: (DeclaredCode & { readonly file: string })[] = [];
  for (const path of compiledFiles('.js')) {
    const file = projectPath(path).replace(/^dist\//, '');
    if (!file.startsWith('src/') || file.endsWith('.test.js')) continue;
    const declarations = [...readFileSync(path, 'utf8').matchAll(DECLARATION)].length;
    if (declarations === 0) continue;
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    const tables = Object.values(module).filter(isCodeTable);
    if (tables.length !== declarations)
      throw new Error(`${file} declares ${declarations} tables of codes and exports ${tables.length}`);
    codes.push(...tables.flatMap((table) => Object.values(table).map((code) => ({ ...code, file }))));
  }
  return codes.sort((a, b) => (a.code < b.code ? -1 : 1));
}
