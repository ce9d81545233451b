// `npm run bundle`: all modules of the installed command as one script. Not as one module: Node can keep what it compiled of a script
// (bin/drivervm.js does), but not what it compiled of a module.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const place = (path) => fileURLToPath(new URL(`../dist/src/cli/${path}`, import.meta.url));
const { outputFiles } = await build({
  entryPoints: [place('main.js')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  define: { 'import.meta.url': 'moduleUrl' },
  logLevel: 'warning',
  write: false,
});
// What is left of modules are imports of Node's own, each a statement as esbuild prints it, and `await` outside functions.
const NAMES = String.raw`\*\s*as\s+(?<all>[\w$]+)|\{(?<some>[^}]*)\}|(?<whole>[\w$]+)`;
const IMPORT = new RegExp(String.raw`^import\s*(?:${NAMES})\s*from\s*"(?<from>[\w:/]+)";`, 'gm');
let code = '';
let end = 0;
const text = outputFiles[0]?.text ?? '';
for (const match of text.matchAll(IMPORT)) {
  const { all, some, whole, from } = match.groups;
  const names = all ?? whole ?? `{${some.replaceAll(/\s+as\s+/g, ':')}}`;
  code += `${text.slice(end, match.index)}const ${names}=require(${JSON.stringify(from)});`;
  end = match.index + match[0].length;
}
code += text.slice(end);
// Comments are no use to anybody there. Throws where an import of another form is left.
const script = await transform(`(async function (require, moduleUrl) {'use strict';${code}\n})`, {
  minifyWhitespace: true,
  lineLimit: 160,
});
writeFileSync(place('drivervm.js'), script.code);
