/** The language server: the protocol's requests answered by the room `language`. LSP 3.17 over standard input and output. */
import {
  type Connection,
  createConnection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { HostFiles } from '../../base/index.ts';
import { Documents, documentKindOf } from '../../language/index.ts';
import { answer, CAPABILITIES } from './answers.ts';
import { Findings } from './findings.ts';
import { pathOf, uriOf } from './uris.ts';

export interface ServerOptions {
  readonly files: HostFiles;
  readonly version: string;
  /** Where the documentation of codes is, as an address; absent where it is not installed. */
  readonly pages: string | undefined;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What descriptions, requests and settings are made of: a change on the disk is told. */
const WATCHED = '**/*.{system,yaml,yml,json,dtb,dts,dtsi,dtbo,h,elf}';

/** Serves one client, until this process is ended for it. */
export function serve(options: ServerOptions): void {
  // Ends this process when the client says so, or is gone.
  const connection = createConnection(ProposedFeatures.all, options.input, options.output);
  const documents = new Documents(options.files);
  const findings = new Findings({
    documents,
    pages: options.pages,
    publish: (file, diagnostics) => {
      void connection.sendDiagnostics({ uri: uriOf(file), diagnostics: [...diagnostics] });
    },
    onMistake: (error) => connection.console.error(`internal error: ${error.stack ?? error.message}`),
  });
  const client: ClientAbilities = { hasSnippets: false, canWatch: false };
  begin(connection, options.version, client);
  follow(connection, documents, findings);
  answer(connection, documents, { pages: options.pages, hasSnippets: () => client.hasSnippets });
  connection.onShutdown(() => findings.stop());
  connection.listen();
}

/** What the client says that it can do. */
interface ClientAbilities {
  hasSnippets: boolean;
  canWatch: boolean;
}

function begin(connection: Connection, version: string, client: ClientAbilities): void {
  connection.onInitialize(({ capabilities }: InitializeParams): InitializeResult => {
    client.canWatch = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    client.hasSnippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    return {
      serverInfo: { name: 'drivervm', version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...CAPABILITIES,
      },
    };
  });
  connection.onInitialized(() => {
    if (!client.canWatch) return;
    void connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [{ globPattern: WATCHED }],
    });
  });
}

/** Documents as the client has them, and files as they change on the disk. */
function follow(connection: Connection, documents: Documents, findings: Findings): void {
  const open = new TextDocuments(TextDocument);
  open.onDidChangeContent(({ document }) => {
    const [file, text] = [pathOf(document.uri), document.getText()];
    const kind = documents.kindOf(file) ?? documentKindOf(file, document.languageId, text);
    if (kind !== undefined) findings.want(documents.set(file, kind, text));
  });
  open.onDidClose(({ document }) => {
    const file = pathOf(document.uri);
    if (documents.kindOf(file) === undefined) return;
    const others = documents.close(file);
    findings.close(file);
    findings.want(others);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    findings.want(documents.changed(changes.map(({ uri }) => pathOf(uri))));
  });
  open.listen(connection);
}
