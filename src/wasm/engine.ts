/**
 * The part of the WebAssembly JavaScript interface (W3C, 2.0) that this project uses, declared here because TypeScript
 * has it only among the browser's types, which the rooms must not see.
 */

declare global {
  namespace WebAssembly {
    type ImportValue = Memory | Table | Global | ((...args: never[]) => unknown);
    type Imports = Record<string, Record<string, ImportValue>>;

    class Module {
      constructor(bytes: Uint8Array);
    }
    class Instance {
      constructor(module: Module, imports?: Imports);
      readonly exports: Readonly<Record<string, unknown>>;
    }
    class Memory {
      constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
      readonly buffer: ArrayBuffer;
      grow(pages: number): number;
    }
    class Table {
      constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number });
      readonly length: number;
      get(index: number): unknown;
      set(index: number, value: unknown): void;
      grow(count: number): number;
    }
    class Global {
      constructor(descriptor: { value: string; mutable?: boolean }, value?: unknown);
      value: unknown;
    }
    class CompileError extends Error {}
    function validate(bytes: Uint8Array): boolean;
  }
}

export type WasmMemory = WebAssembly.Memory;
