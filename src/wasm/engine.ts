/**
 * The part of the WebAssembly JavaScript interface (W3C, 2.0) that this project uses. TypeScript has it only among the
 * browser's types, which the rooms must not see; it is not declared as a global, so that it meets neither those nor
 * Node's in the project of somebody who imports drivervm.
 */

/** Compiled code: nothing is read of it. */
export type WasmModule = object;

/** An instantiated module; exports by name. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A linear memory; `buffer` is another one after each growth. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A table of functions. */
export interface WasmTable {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  grow(count: number): number;
}

/** What a module can import from us. */
export type WasmImport = WasmMemory | WasmTable | ((...args: never[]) => unknown);

/** Imports by module and name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, WasmImport>>>>;

/** The part of the JavaScript interface of WebAssembly that every engine has. */
export interface WasmEngine {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance;
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum?: number }) => WasmMemory;
  readonly Table: new (descriptor: {
    readonly element: 'anyfunc';
    readonly initial: number;
    readonly maximum?: number;
  }) => WasmTable;
  validate(bytes: Uint8Array): boolean;
}

/** The engine that this runs in. */
export const wasmEngine: WasmEngine = (globalThis as unknown as { readonly WebAssembly: WasmEngine })
  .WebAssembly;
