/** `drivervm lsp`: a language server over standard input and output. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AddCommands } from '../cli.ts';
import { version } from '../version.ts';

const HELP = `
Editors start it; it speaks the Language Server Protocol on standard input and output. It reads system descriptions (*.system), also
those for the C preprocessor, requests (request.yaml, *.request.yaml, and YAML that names request.schema.json as its schema) and
drivervm.yaml, which says for the descriptions beside it and below what "check" would be told by flags:

  board: odroidc4
  dtb: meson-sm1-odroid-c4.dtb
  guest-dtb: linux.dtb

docs/editor.md has the configuration for VS Code, Neovim, Helix, Emacs and Kate.`;

const PAGES = new URL('../../../docs/diagnostics.md', import.meta.url);

export const addLspCommand: AddCommands = (parent, cli) => {
  parent
    .command('lsp')
    .description(
      'Show in an editor what check and plan find, as it is typed, and what things are: a language server.',
    )
    // Editors' clients add it; there is no other way to speak with it.
    .option('--stdio', 'over standard input and output, which is so without it, too')
    .addHelpText('after', HELP)
    .action(async () => {
      // Most commands have no use for a protocol.
      const { serve } = await import('./server.ts');
      serve({
        files: cli.host.files,
        version: version(),
        pages: existsSync(fileURLToPath(PAGES)) ? PAGES.href : undefined,
        input: process.stdin,
        output: process.stdout,
      });
    });
};
