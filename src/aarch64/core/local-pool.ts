/** WebAssembly locals that are used again. */
import type { Local, ValueType } from '../../wasm/index.ts';

/** Locals that instructions take turns with: one function with a fresh local per use is slow to compile and to run. */
export class LocalPool {
  readonly #make: <T extends ValueType>(type: T) => Local<T>;
  readonly #made: Record<ValueType, Local[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };

  constructor(make: <T extends ValueType>(type: T) => Local<T>) {
    this.#make = make;
  }

  /** A supply that begins at the first local of each type again. */
  lease(): <T extends ValueType>(type: T) => Local<T> {
    const taken: Record<ValueType, number> = { i32: 0, i64: 0, f32: 0, f64: 0, v128: 0 };
    return <T extends ValueType>(type: T): Local<T> => {
      const made = this.#made[type];
      const at = taken[type]++;
      const local = made[at] ?? this.#make(type);
      if (made[at] === undefined) made.push(local);
      return { index: local.index, type };
    };
  }
}
