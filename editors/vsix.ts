/**
 * An extension of VS Code as one file: a zip that says by `[Content_Types].xml` (Open Packaging Conventions, ECMA-376 part 2) what its
 * files are, by `extension.vsixmanifest` (PackageManifest 2.0.0) what it is, and has the extension itself below `extension/`. Left out: what
 * only a marketplace shows.
 */
import { strToU8, type Zippable, zipSync } from 'fflate';

/** What of an extension's `package.json` its manifest repeats. */
export interface ExtensionManifest {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly publisher: string;
  readonly version: string;
  readonly categories: readonly string[];
  readonly engines: { readonly vscode: string };
}

const TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  cjs: 'application/javascript',
  md: 'text/markdown',
  txt: 'text/plain',
  vsixmanifest: 'text/xml',
};
/** The beginning of time in a zip: the same files are the same bytes. */
const WRITTEN = new Date(1980, 0, 1);
const README = 'README.md';
const LICENSE = 'LICENSE.txt';

/** The file, of an extension's own files by path; its `package.json` is written from the manifest. */
export function vsix(manifest: ExtensionManifest, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const zip: Zippable = {
    'extension.vsixmanifest': strToU8(packageManifest(manifest)),
    '[Content_Types].xml': strToU8(contentTypes(files.keys())),
    'extension/package.json': strToU8(`${JSON.stringify(manifest, undefined, 2)}\n`),
  };
  for (const [path, bytes] of files) zip[`extension/${path}`] = bytes;
  return zipSync(zip, { mtime: WRITTEN });
}

function contentTypes(paths: Iterable<string>): string {
  const endings = new Set([
    'json',
    'vsixmanifest',
    ...[...paths].map((path) => path.split('.').at(-1) ?? ''),
  ]);
  const defaults = [...endings].map((ending) => {
    const type = TYPES[ending];
    if (type === undefined) throw new Error(`no content type is known for .${ending}`);
    return `  <Default Extension=".${ending}" ContentType="${type}"/>\n`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${defaults.join('')}</Types>
`;
}

function packageManifest(manifest: ExtensionManifest): string {
  const { name, version, publisher, displayName, description, categories, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(name)}" Version="${xml(version)}" Publisher="${xml(publisher)}"/>
    <DisplayName>${xml(displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(description)}</Description>
    <Categories>${xml(categories.join(','))}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${xml(engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/${LICENSE}</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/${README}" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/${LICENSE}" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
