/**
 * The extension for VS Code: starts `drivervm lsp` when the first document of drivervm's is open, and again when the setting names another
 * command. All that is shown comes from there. It is bundled by `npm run extension`; `vscode` is the editor's own.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  commands,
  type Disposable,
  type ExtensionContext,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { documentKindOf } from '../../src/language/index.ts';

const SETTING = 'drivervm.path';
const OPEN_SETTING = 'Open the setting';
/** The server looks itself which YAML is a request or settings. */
const SELECTOR = [
  { scheme: 'file', language: 'microkit-system' },
  { scheme: 'file', language: 'yaml' },
];

let client: LanguageClient | undefined;
/** One start or end at a time. */
let turn: Promise<void> = Promise.resolve();

export function activate(context: ExtensionContext): void {
  let waiting: Disposable | undefined;
  const begin = (document: TextDocument) => {
    if (!isOurs(document)) return;
    waiting?.dispose();
    waiting = undefined;
    restart();
  };
  const open = workspace.textDocuments.find(isOurs);
  if (open === undefined) waiting = workspace.onDidOpenTextDocument(begin);
  else begin(open);
  context.subscriptions.push(
    { dispose: () => waiting?.dispose() },
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(SETTING) && waiting === undefined) restart();
    }),
  );
}

export async function deactivate(): Promise<void> {
  await turn;
  await client?.stop();
}

function isOurs(document: TextDocument): boolean {
  const { uri, languageId } = document;
  return uri.scheme === 'file' && documentKindOf(uri.path, languageId, document.getText()) !== undefined;
}

function restart(): void {
  turn = turn.then(start).catch((error: unknown) => {
    void window.showErrorMessage(`drivervm: ${messageOf(error)}`);
  });
}

async function start(): Promise<void> {
  await client?.stop();
  client = undefined;
  const command = workspace.getConfiguration().get(SETTING, 'drivervm');
  const refused = await refusalOf(command);
  if (refused !== undefined) {
    // Not awaited: the message stays until somebody answers it.
    void window.showErrorMessage(refused, OPEN_SETTING).then((answer) => {
      if (answer === OPEN_SETTING) void commands.executeCommand('workbench.action.openSettings', SETTING);
    });
    return;
  }
  const server = { command, args: ['lsp'], transport: TransportKind.stdio };
  client = new LanguageClient('drivervm', 'drivervm', server, { documentSelector: SELECTOR });
  await client.start();
}

/** Why the command can't be used, by what it does when it is asked for its version; `undefined`: it can. */
async function refusalOf(command: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(command, ['--version']);
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT') {
      return `drivervm is not found as "${command}". Install it, or name the command, or bin/drivervm.js of a clone, in the setting ${SETTING}.`;
    }
    const said = stderr?.trim();
    return `"${command}" can't be started: ${said === undefined || said === '' ? messageOf(error) : said}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
