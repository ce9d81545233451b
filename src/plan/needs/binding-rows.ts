/** The rows of `bindings.ts`. */
import { BINDING_TABLE } from './bindings.ts';

interface BindingRow {
  /** Below Documentation/devicetree/bindings of Linux's sources. */
  readonly file: string;
  readonly properties: ReadonlySet<string>;
}

let table: ReadonlyMap<string, BindingRow> | undefined;

/** By `compatible`. */
export function bindingRows(): ReadonlyMap<string, BindingRow> {
  table ??= new Map(
    BINDING_TABLE.trim()
      .split('\n')
      .flatMap((line) => {
        const [file = '', properties = '', compatibles = ''] = line.split('|').map((part) => part.trim());
        const row = { file, properties: new Set(properties.split(' ')) };
        return compatibles.split(' ').map((name) => [name, row] as const);
      }),
  );
  return table;
}
