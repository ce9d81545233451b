/**
 * Debian's editors, set up as docs/editor.md has it: what is found in a description arrives, with `drivervm lsp` started by the editor.
 * Without an editor its test says so.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PROJECT_ROOT } from './support/files.ts';

const DOCUMENTED = readFileSync(join(PROJECT_ROOT, 'docs', 'editor.md'), 'utf8');
const FOUND = /^3 .*the priority of driver is 300/m;
const NEVER_MS = 5 * 60 * 1000;

const place = mkdtempSync(join(tmpdir(), 'drivervm-editors-'));
after(() => rmSync(place, { recursive: true }));
mkdirSync(join(place, 'bin'));
symlinkSync(join(PROJECT_ROOT, 'bin', 'drivervm.js'), join(place, 'bin', 'drivervm'));
writeFileSync(
  join(place, 'a.system'),
  `<system>
  <!-- Microkit's go to 254. -->
  <protection_domain name="driver" priority="300">
    <program_image path="driver.elf" />
  </protection_domain>
</system>
`,
);

/** What the page says after a sentence that begins so. */
function configuration(sentence: string): string {
  const [, text = ''] = /```\w+\n(.*?)```/s.exec(DOCUMENTED.slice(DOCUMENTED.indexOf(sentence))) ?? [];
  assert.ok(DOCUMENTED.includes(sentence) && text !== '', sentence);
  return text;
}

function file(name: string, text: string): string {
  writeFileSync(join(place, name), text);
  return name;
}

/** All that an editor says; it has nothing of the user's own. */
function outputOf(editor: string, ...args: readonly string[]): string {
  const env = { ...process.env, PATH: `${join(place, 'bin')}:${process.env['PATH']}`, HOME: place };
  const { stdout, stderr, error } = spawnSync(editor, args, {
    cwd: place,
    encoding: 'utf8',
    env,
    timeout: NEVER_MS,
  });
  if (error !== undefined) throw error;
  return `${stdout}${stderr}`;
}

/** What the editor says of its version; `undefined`: it is not there. */
function versionOf(editor: string): string | undefined {
  const { stdout, error } = spawnSync(editor, ['--version'], { encoding: 'utf8' });
  return error === undefined ? stdout : undefined;
}

test('Neovim shows what is found, and says what a thing is', (t) => {
  const version = versionOf('nvim');
  if (version === undefined) return t.skip('nvim is not there: npm run oracles installs it');
  const minor = Number(/NVIM v0\.(\d+)/.exec(version)?.[1] ?? 'NaN');
  const init = file('init.lua', configuration(minor < 11 ? 'Neovim 0.7 to 0.10' : '**Neovim** (0.11'));
  const look = file(
    'look.lua',
    `vim.wait(${NEVER_MS}, function() return #vim.diagnostic.get(0) > 0 end)
for _, found in ipairs(vim.diagnostic.get(0)) do print(found.lnum + 1 .. ' ' .. found.message .. '\\n') end
local at = { textDocument = vim.lsp.util.make_text_document_params(0), position = { line = 2, character = 5 } }
for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/hover', at, ${NEVER_MS})) do
  print(answer.result.contents.value .. '\\n')
end
vim.cmd('qall!')
`,
  );
  const output = outputOf('nvim', '--headless', '--clean', '-u', init, 'a.system', '-S', look);
  assert.match(output, FOUND);
  assert.match(output, /protection domain `driver`/);
});

test('Emacs shows what is found', (t) => {
  if (versionOf('emacs') === undefined)
    return t.skip('Emacs is not there: Debian has it as emacs-nox, and Eglot as elpa-eglot');
  const init = file('init.el', configuration('**Emacs**'));
  // In batch mode no command is ever finished, which is when Eglot would start by itself.
  const look = file(
    'look.el',
    `(require 'eglot)
(find-file "a.system")
(apply #'eglot (eglot--guess-contact))
(while (not (flymake-diagnostics)) (accept-process-output nil 0.1))
(dolist (found (flymake-diagnostics))
  (princ (format "%s %s\\n" (line-number-at-pos (flymake-diagnostic-beg found)) (flymake-diagnostic-text found))))
(eglot-shutdown-all)
`,
  );
  assert.match(outputOf('emacs', '--batch', '-l', init, '-l', look), FOUND);
});
