/** What the readers of values and expressions share with the parser: the tokens, and a way to complain. */
import type { Diagnostic, DiagnosticCode } from '../../base/index.ts';
import { dtsCodes } from './diagnostics.ts';
import { type DtsLexer, notesOf, positionOf, type TextPlace } from './lexer.ts';

export class ParserHost {
  readonly lexer: DtsLexer;
  readonly #report: (diagnostic: Diagnostic) => void;

  constructor(lexer: DtsLexer, report: (diagnostic: Diagnostic) => void) {
    this.lexer = lexer;
    this.#report = report;
  }

  reportAt<Params>(place: TextPlace, code: DiagnosticCode<Params>, params: Params): void {
    this.#report(code.at(positionOf(place), params, notesOf(place)));
  }

  report(place: TextPlace, code: 'division-by-zero'): void {
    this.reportAt(place, dtsCodes[code], undefined);
  }

  reportTooDeep(place: TextPlace, limit: number): void {
    this.reportAt(place, dtsCodes['expression-too-deep'], { limit });
  }

  /** The present token is not what is wanted. */
  reportSyntax(wanted: string): void {
    const found = this.lexer.describe();
    const plural = found.startsWith('a ') || found.startsWith('the ') ? found : `"${found}"`;
    this.reportAt(this.lexer.start, dtsCodes.syntax, { wanted, found: `${plural} is` });
  }

  /** Takes the token, or complains that it isn't there. */
  accept(kind: string): boolean {
    if (this.lexer.kind !== kind) {
      this.reportSyntax(kind);
      return false;
    }
    this.lexer.next();
    return true;
  }
}
