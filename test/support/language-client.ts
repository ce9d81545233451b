/** An editor's side of `drivervm lsp`: the installed command, spoken to by the protocol's own library. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol/node';
import { PROJECT_ROOT } from './files.ts';

const WAIT_MS = 60_000;

const started: ChildProcess[] = [];
/** A test that fails leaves its server behind, which would keep the tests from ending. */
after(() => {
  for (const child of started) child.kill();
});

export class LanguageClient {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  /** What the server logged: only our own mistakes. */
  readonly logged: string[] = [];
  readonly #found = new Map<string, readonly Diagnostic[]>();
  readonly #versions = new Map<string, number>();
  #onPublished: (() => void) | undefined;

  constructor() {
    const command = join(PROJECT_ROOT, 'bin', 'drivervm.js');
    const child = spawn(process.execPath, [command, 'lsp', '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.process = child;
    started.push(child);
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#found.set(uri, diagnostics);
      this.#onPublished?.();
    });
    this.connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.logged.push(message);
    });
    this.connection.listen();
  }

  async initialize(): Promise<InitializeResult> {
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  async open(path: string, text: string, languageId = 'plaintext'): Promise<string> {
    const uri = pathToFileURL(path).href;
    this.#versions.set(uri, 1);
    const textDocument = { uri, languageId, version: 1, text };
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return uri;
  }

  async change(uri: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const textDocument = { uri, version };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument,
      contentChanges,
    });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** The codes of what was found in a document, once they are these. */
  async codes(uri: string, expected: readonly string[]): Promise<readonly Diagnostic[]> {
    const wanted = [...expected].sort();
    const found = () =>
      this.#found
        .get(uri)
        ?.map(({ code }) => String(code))
        .sort();
    const end = Date.now() + WAIT_MS;
    while (JSON.stringify(found()) !== JSON.stringify(wanted) && Date.now() < end) await this.#published();
    assert.deepEqual(found(), wanted);
    return this.#found.get(uri) ?? [];
  }

  /** What was found last, whatever it is. */
  foundIn(uri: string): readonly Diagnostic[] | undefined {
    return this.#found.get(uri);
  }

  #published(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000);
      this.#onPublished = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async hover(uri: string, line: number, character: number): Promise<string> {
    const found: Hover | null = await this.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position: { line, character },
    });
    return found === null ? '' : (found.contents as { readonly value: string }).value;
  }

  /** Ends it as editors do, and gives the exit status. */
  async end(): Promise<number | null> {
    const exited = once(this.process, 'exit');
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const [status] = await exited;
    this.connection.dispose();
    return status;
  }
}

/** The line and character, from 0, where a word of a text begins, so many characters further. */
export function placeIn(text: string, word: string, further = 0): readonly [number, number] {
  const offset = text.indexOf(word) + further;
  assert.ok(text.includes(word), word);
  const before = text.slice(0, offset).split('\n');
  return [before.length - 1, before.at(-1)?.length ?? 0];
}
