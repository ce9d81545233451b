/**
 * What editors show of system descriptions, requests and settings while they are written: findings as they are typed, what a thing is,
 * where it is declared, what may stand here. Plain values, lines and columns from 1; no protocol, no editor.
 */
export type { DescriptionAnalysis } from './description/analysis.ts';
export type { Renaming } from './description/names.ts';
export {
  type Analysis,
  type DocumentKind,
  Documents,
  documentKindOf,
  type Finding,
} from './documents.ts';
export type { Hover } from './markdown.ts';
export type { CodeAction, Completion, DocumentSymbol, FilePlace } from './places.ts';
export type { YamlAnalysis } from './request/analysis.ts';
export { editedText } from './text/edit.ts';
export { Lines, type TextSpan } from './text/lines.ts';
