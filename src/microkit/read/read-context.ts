/** What every part of the reader shares. */
import type { DiagnosticSink } from '../../base/index.ts';
import type { SdfDialect } from '../dialect.ts';
import type { DescriptionOrigins } from '../origins.ts';
import type { XmlSource } from '../xml/index.ts';

export interface ReadContext {
  readonly source: XmlSource;
  readonly sink: DiagnosticSink;
  readonly origins: DescriptionOrigins;
  readonly dialect: SdfDialect;
  /** The elements of which at least one could not be taken into the value, by name. */
  readonly incomplete: Set<string>;
}
