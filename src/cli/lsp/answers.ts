/** The protocol's questions about documents, each answered by a function of the room `language`. */
import {
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  type DocumentSymbol,
  ErrorCodes,
  InsertTextFormat,
  type Location,
  MarkupKind,
  type TextEdit as ProtocolEdit,
  ResponseError,
  type ServerCapabilities,
  SymbolKind,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { TextEdit } from '../../base/index.ts';
import type { Completion, Documents, FilePlace, DocumentSymbol as Part } from '../../language/index.ts';
import { placeOf, protocolDiagnostic, protocolRange, rangeOf } from './protocol.ts';
import { pathOf, uriOf } from './uris.ts';

/** What is answered here. */
export const CAPABILITIES: ServerCapabilities = {
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['<', '"', "'", '/', ' ', '&', ':'] },
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
};

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

export interface AnswerOptions {
  /** Where the documentation of codes is. */
  readonly pages: string | undefined;
  /** Whether the client knows snippets, once it has said so. */
  readonly hasSnippets: () => boolean;
}

export function answer(
  connection: Connection,
  documents: Documents,
  { pages, hasSnippets }: AnswerOptions,
): void {
  const at = ({ textDocument, position }: At) => [pathOf(textDocument.uri), placeOf(position)] as const;
  connection.onHover((asked) => {
    const hover = documents.hover(...at(asked));
    return (
      hover && { contents: { kind: MarkupKind.Markdown, value: hover.markdown }, range: rangeOf(hover.range) }
    );
  });
  connection.onCompletion((asked) =>
    documents
      .complete(...at(asked))
      .map((completion, index) => completionItem(completion, index, hasSnippets())),
  );
  connection.onDefinition((asked) => documents.definitions(...at(asked)).map(location));
  connection.onReferences((asked) =>
    documents.references(...at(asked), asked.context.includeDeclaration).map(location),
  );
  connection.onPrepareRename((asked) => {
    const range = documents.renameable(...at(asked));
    return range && rangeOf(range);
  });
  connection.onRenameRequest((asked) => {
    const renaming = documents.rename(...at(asked), asked.newName);
    return 'refused' in renaming
      ? new ResponseError(ErrorCodes.InvalidParams, renaming.refused)
      : workspaceEdit(renaming.edits);
  });
  connection.onDocumentSymbol(({ textDocument }) => documents.symbols(pathOf(textDocument.uri)).map(symbol));
  connection.onDocumentFormatting(({ textDocument }) => {
    const edits = documents.format(pathOf(textDocument.uri));
    return edits?.map(protocolEdit);
  });
  connection.onCodeAction(({ textDocument, range }) => {
    const file = pathOf(textDocument.uri);
    const findings = documents.findings(file);
    return documents.actions(file, protocolRange(range)).map(({ title, edits, finding }) => {
      const found = findings[finding];
      return {
        title,
        kind: CodeActionKind.QuickFix,
        isPreferred: true,
        ...(found === undefined ? {} : { diagnostics: [protocolDiagnostic(found, pages)] }),
        edit: workspaceEdit(edits),
      };
    });
  });
}

const location = ({ file, range }: FilePlace): Location => ({ uri: uriOf(file), range: rangeOf(range) });

const protocolEdit = ({ range, text }: TextEdit): ProtocolEdit => ({ range: rangeOf(range), newText: text });

function workspaceEdit(edits: readonly TextEdit[]): WorkspaceEdit {
  const changes: Record<string, ProtocolEdit[]> = {};
  for (const edit of edits) {
    const uri = uriOf(edit.file);
    changes[uri] = [...(changes[uri] ?? []), protocolEdit(edit)];
  }
  return { changes };
}

const COMPLETION_KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  element: CompletionItemKind.Struct,
  attribute: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  name: CompletionItemKind.Reference,
  device: CompletionItemKind.Module,
  key: CompletionItemKind.Property,
  file: CompletionItemKind.File,
  directory: CompletionItemKind.Folder,
};

/** In the order in which they come: the first is the likeliest. */
function completionItem(
  { label, kind, detail, documentation, snippet, range }: Completion,
  index: number,
  isSnippet: boolean,
): CompletionItem {
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    sortText: String(index).padStart(SORT_DIGITS, '0'),
    filterText: snippet.startsWith('<') ? `<${label}` : label,
    insertTextFormat: isSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: rangeOf(range), newText: isSnippet ? snippet : withoutStops(snippet) },
    ...(detail === undefined ? {} : { detail }),
    ...(documentation === undefined
      ? {}
      : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
  };
}

const SORT_DIGITS = 5;

/** A snippet as text: without the places where the cursor would go. */
function withoutStops(snippet: string): string {
  return snippet.replaceAll(/\$\d|\\([\\$}])/g, '$1');
}

const SYMBOL_KINDS: Readonly<Record<Part['kind'], SymbolKind>> = {
  'memory region': SymbolKind.Array,
  'protection domain': SymbolKind.Module,
  'virtual machine': SymbolKind.Class,
  channel: SymbolKind.Interface,
  interrupt: SymbolKind.Event,
  key: SymbolKind.Key,
};

/** Not deeper than descriptions may be nested. */
function symbol({ name, detail, kind, range, selection, children }: Part): DocumentSymbol {
  return {
    name,
    detail,
    kind: SYMBOL_KINDS[kind],
    range: rangeOf(range),
    selectionRange: rangeOf(selection),
    children: children.map(symbol),
  };
}
