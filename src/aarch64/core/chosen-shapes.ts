/**
 * The shapes that definitions single out. Those that are `hot` get a case of the run loop; about two hundred pay: with
 * more the function gets slower for all (measured on Node 20: 200 cases 408 MIPS, 600 cases 338, 1200 cases 224). They
 * are from counts over a boot of Debian's kernel to a shell. Those that are `warm` are compiled together when a cluster
 * is made: a module costs the engine half a millisecond or more, hardly less for one function than for hundreds.
 */
import { type Definition, makeShape, type Shape, shapeKeys } from '../definition.ts';
import { shapeFields } from '../pattern.ts';

export interface ShapeKey {
  readonly definition: Definition;
  readonly key: number;
}

/**
 * The shapes that get a case, or that are compiled at once, in the order of the definitions. Of the latter some may have
 * cases too, or be unallocated. Throws where a definition's choice is none of its shapes.
 */
export function chosenKeys(definitions: readonly Definition[], by: 'hot' | 'warm'): readonly ShapeKey[] {
  return definitions.flatMap((definition) => {
    const choice = definition[by];
    if (choice === undefined) return [];
    const keys = shapeKeys(definition).filter(
      (key) => choice === true || choice(shapeFields(definition.pattern, key)),
    );
    if (keys.length === 0) throw new Error(`${definition.name}: none of its shapes is ${by}`);
    return keys.map((key) => ({ definition, key }));
  });
}

/** The shapes that get a case of their own. */
export function hotShapes(definitions: readonly Definition[]): readonly Shape[] {
  return chosenKeys(definitions, 'hot').map(({ definition, key }) => makeShape(definition, key));
}
