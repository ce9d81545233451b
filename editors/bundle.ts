/** The extension for VS Code as the files that it is installed as: one bundle, its manifest, and the licences of what is in the bundle. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { PROJECT_ROOT } from '../test/support/files.ts';
import type { ExtensionManifest } from './vsix.ts';

const FOLDER = join(PROJECT_ROOT, 'editors', 'vscode');
const LICENCE_FILE = /^licen[cs]e/i;
/** The Node of the earliest VS Code that the client library supports. */
const TARGET = 'node20';

/** The extension's files by path, and the packages whose code is in the bundle. */
export interface BuiltExtension {
  readonly manifest: ExtensionManifest & { readonly main: string };
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly packages: readonly string[];
  /** What the bundle asks its host for. */
  readonly external: readonly string[];
}

export async function buildExtension(): Promise<BuiltExtension> {
  const manifest = readManifest();
  const { outputFiles, metafile } = await build({
    entryPoints: [join(PROJECT_ROOT, 'dist', 'editors', 'vscode', 'extension.js')],
    absWorkingDir: PROJECT_ROOT,
    bundle: true,
    platform: 'node',
    // As a module first: what the extension does not use of the rooms is gone before VS Code's form is asked of the rest.
    format: 'esm',
    target: TARGET,
    external: ['vscode'],
    metafile: true,
    logLevel: 'warning',
    write: false,
  });
  const bundle = await transform(outputFiles[0]?.text ?? '', {
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    minify: true,
    legalComments: 'none',
  });
  const outputs = Object.values(metafile.outputs);
  const packages = packagesOf(
    outputs.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
  );
  const files = new Map<string, Uint8Array>([
    [manifest.main.replace('./', ''), new TextEncoder().encode(bundle.code)],
    ['LICENSE.txt', readFileSync(join(PROJECT_ROOT, 'LICENSE'))],
    ['ThirdPartyNotices.txt', new TextEncoder().encode(packages.map(licenceOf).join('\n'))],
  ]);
  for (const path of ['README.md', 'language-configuration.json', 'syntaxes/microkit-system.tmLanguage.json'])
    files.set(path, readFileSync(join(FOLDER, path)));
  const external = outputs.flatMap(({ imports }) => imports.map(({ path }) => path));
  return { manifest, files, packages, external: [...new Set(external)] };
}

/** The folder's manifest, with what the project's own says, and the versions of VS Code that the client library supports. */
function readManifest(): BuiltExtension['manifest'] {
  const { type: _, ...own } = readJson(join(FOLDER, 'package.json'));
  const { version, license } = readJson(join(PROJECT_ROOT, 'package.json'));
  const { engines } = readJson(join(packageFolder('vscode-languageclient'), 'package.json'));
  return { ...own, version, license, engines } as unknown as BuiltExtension['manifest'];
}

function packagesOf(inputs: readonly string[]): readonly string[] {
  const names = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** What a package's authors ask to be kept with it. */
function licenceOf(name: string): string {
  const folder = packageFolder(name);
  const { version, license } = readJson(join(folder, 'package.json'));
  const file = readdirSync(folder).find((entry) => LICENCE_FILE.test(entry));
  const text = file === undefined ? String(license) : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
}

function packageFolder(name: string): string {
  return join(PROJECT_ROOT, 'node_modules', name);
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}
