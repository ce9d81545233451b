/** `docs/run-loop.wat`: the interpreter's core with a case for three instructions, as WebAssembly text, to be reviewed as code. */
import { buildCore } from '../src/aarch64/core/core.ts';
import { makeShape, shapeKeys, shapeName } from '../src/aarch64/definition.ts';
import { INSTRUCTIONS } from '../src/aarch64/insns/index.ts';
import { printModule } from '../src/wasm/index.ts';

export const extension = 'wat';

const SHOWN = ['SUBS (immediate) SF=1', 'LDR, STR (unsigned offset) OPC=1 SIZE=3', 'B.cond COND=1'];

const HEAD = `;; The core module with three of its cases, by \`npm run docs\`. Field offsets are those of src/aarch64/state.ts; the run
;; loop's locals are 0 the vCPU, 1 the record, 2 the page's records, 3 the TLB set, 4 the PC on its way to a lookup.
`;

export function render(): string {
  const shapes = INSTRUCTIONS.flatMap((definition) =>
    shapeKeys(definition)
      .filter((key) => SHOWN.includes(shapeName(definition, key)))
      .map((key) => makeShape(definition, key)),
  );
  return HEAD + printModule(buildCore(shapes, { minimum: 1, maximum: 1 }, undefined));
}
