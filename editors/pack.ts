/** `npm run extension`: the extension for VS Code as one file, which VS Code and what is made of it (VSCodium, code-server) install. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { buildExtension } from './bundle.ts';
import { vsix } from './vsix.ts';

const PATH = 'dist/drivervm.vsix';

const { manifest, files } = await buildExtension();
writeFileSync(join(PROJECT_ROOT, PATH), vsix(manifest, files));
console.log(`${PATH}: code --install-extension ${PATH}`);
