/**
 * The engine: QuickJS-ng 0.12.1 as WebAssembly, of the package `@jitl/quickjs-ng-wasmfile-release-sync` 0.32.0 (MIT), whose functions are
 * quickjs-emscripten's `c/interface.c`. Its JavaScript is not used: that asks the host for the time, its language and its environment, and lets
 * the memory grow. What a module of this build imports and exports has letters for names, so it is known by its checksum.
 */
import { crc32, Refusal } from '../base/index.ts';
import { type WasmImports, type WasmMemory, wasmEngine } from '../wasm/index.ts';

/** What a package manager knows it by, and the file in it. */
export const QUICKJS_PACKAGE = '@jitl/quickjs-ng-wasmfile-release-sync';
/** The one version that the names here are of. */
export const QUICKJS_VERSION = '0.32.0';
const CHECKSUM = 0x665a_d12f;
/** The module's own data and stack: its heap begins above. */
export const QUICKJS_STATIC_BYTES = 0x54_0000;
/** It is linked to have no less than 16 MiB, and no more than 2 GiB. */
export const QUICKJS_MEMORY_BYTES = { least: 0x100_0000, most: 0x8000_0000 } as const;

/** A pointer into the engine's memory. */
export type Pointer = number;

/** The functions that are called, by interface.c's names; values are held by pointer, and freed by whoever was given one. */
export interface QuickJsFunctions {
  malloc(sizeBytes: number): Pointer;
  free(pointer: Pointer): void;
  stackPointer(): Pointer;
  setStackPointer(pointer: Pointer): void;
  newRuntime(): Pointer;
  newContext(runtime: Pointer, intrinsics: number): Pointer;
  setMaxStackSize(runtime: Pointer, sizeBytes: number): void;
  enableInterruptHandler(runtime: Pointer): void;
  evaluate(
    context: Pointer,
    code: Pointer,
    codeBytes: number,
    name: Pointer,
    detectModule: number,
    flags: number,
  ): Pointer;
  call(context: Pointer, fn: Pointer, self: Pointer, argc: number, argv: Pointer): Pointer;
  /** What was thrown, if the value stands for that; else 0. */
  resolveException(context: Pointer, value: Pointer): Pointer;
  throwValue(context: Pointer, error: Pointer): Pointer;
  newError(context: Pointer): Pointer;
  freeValue(context: Pointer, value: Pointer): void;
  duplicate(context: Pointer, value: Pointer): Pointer;
  undefined(): Pointer;
  globalObject(context: Pointer): Pointer;
  getProperty(context: Pointer, object: Pointer, name: Pointer): Pointer;
  setProperty(context: Pointer, object: Pointer, name: Pointer, value: Pointer): void;
  newString(context: Pointer, text: Pointer): Pointer;
  getString(context: Pointer, value: Pointer): Pointer;
  freeString(context: Pointer, text: Pointer): void;
  newNumber(context: Pointer, value: number): Pointer;
  getNumber(context: Pointer, value: Pointer): number;
  newArrayBuffer(context: Pointer, start: Pointer, sizeBytes: number): Pointer;
  newFunction(context: Pointer, name: Pointer, argc: number, isConstructor: number, id: number): Pointer;
  argument(argv: Pointer, index: number): Pointer;
}

const EXPORTS: Readonly<Record<keyof QuickJsFunctions, string>> = {
  malloc: 'w',
  free: 'N',
  stackPointer: 'Pa',
  setStackPointer: 'Na',
  newRuntime: 'L',
  newContext: 'O',
  setMaxStackSize: 'E',
  enableInterruptHandler: 'Ga',
  evaluate: 'qa',
  call: 'na',
  resolveException: 'oa',
  throwValue: 'x',
  newError: 'y',
  freeValue: 'Q',
  duplicate: 'U',
  undefined: 'F',
  globalObject: 'va',
  getProperty: 'ia',
  setProperty: 'ka',
  newString: '$',
  getString: 'aa',
  freeString: 'T',
  newNumber: 'Z',
  getNumber: '_',
  newArrayBuffer: 'Y',
  newFunction: 'Ea',
  argument: 'Fa',
};
const INITIALISE = 'v';

/** What the engine may ask of whoever runs it. */
export interface QuickJsCalls {
  /** A function of ours was called; gives a value, which is the engine's then, or 0 for `undefined`. */
  callFunction(context: Pointer, self: Pointer, argc: number, argv: Pointer, id: number): Pointer;
  /** Now and then, while a script runs: whether it is to end. */
  isInterrupted(runtime: Pointer): boolean;
}

/** The engine gave up: it can't be entered again. */
export class EngineAbort extends Refusal {
  override readonly name = 'EngineAbort';
}

/** Whether a file is the build that the names here are of. */
export function isKnownBuild(bytes: Uint8Array): boolean {
  return crc32(bytes) === CHECKSUM;
}

/** The engine on a memory, at whose start it lies. */
export function quickJsFunctions(
  bytes: Uint8Array,
  memory: WasmMemory,
  calls: QuickJsCalls,
): QuickJsFunctions {
  const imports = { a: { a: memory, ...importsOf(memory, calls) } };
  const { exports } = new wasmEngine.Instance(new wasmEngine.Module(bytes), imports as WasmImports);
  (exports[INITIALISE] as () => void)();
  return Object.fromEntries(
    Object.entries(EXPORTS).map(([name, letter]) => [name, exports[letter]]),
  ) as unknown as QuickJsFunctions;
}

const ENOSYS = 52;
const ESPIPE = 70;
/** Bytes of wasm32's `struct tm`. */
const TM_BYTES = 44;
const TM_YEAR_1970 = { day: 12, year: 20, weekday: 24 } as const;

/** Everything that the engine could reach, which is nothing: there is no clock, no environment, no file, and its memory does not grow. */
function importsOf({ buffer }: WasmMemory, calls: QuickJsCalls): Readonly<Record<string, unknown>> {
  const view = new DataView(buffer);
  const abort = (): never => {
    throw new EngineAbort('the engine gave up');
  };
  const nothing = (): number => 0;
  return {
    // __assert_fail, abort, exit
    b: abort,
    r: abort,
    s: abort,
    // Asked by functions of the engine for its host, which nobody calls.
    l: nothing,
    j: nothing,
    // localtime: it is 1970 in Greenwich, as on seL4.
    m: (_time: bigint, tm: Pointer): void => {
      new Uint8Array(buffer, tm, TM_BYTES).fill(0);
      view.setInt32(tm + TM_YEAR_1970.day, 1, true);
      view.setInt32(tm + TM_YEAR_1970.year, 70, true);
      view.setInt32(tm + TM_YEAR_1970.weekday, 4, true);
    },
    // tzset
    n: (timezone: Pointer, daylight: Pointer, standardName: Pointer, daylightName: Pointer): void => {
      for (const place of [timezone, daylight]) view.setInt32(place, 0, true);
      for (const place of [standardName, daylightName]) view.setUint8(place, 0);
    },
    // clock_time_get, emscripten_date_now
    q: (_clock: number, _precision: bigint, time: Pointer): number => {
      view.setBigUint64(time, 0n, true);
      return 0;
    },
    p: nothing,
    // emscripten_resize_heap
    k: nothing,
    // environ_get, environ_sizes_get
    e: nothing,
    f: (count: Pointer, sizeBytes: Pointer): number => {
      for (const place of [count, sizeBytes]) view.setUint32(place, 0, true);
      return 0;
    },
    // fd_close, fd_seek, fd_write
    d: () => ENOSYS,
    o: () => ESPIPE,
    c: () => ENOSYS,
    t: calls.callFunction,
    i: (runtime: Pointer) => (calls.isInterrupted(runtime) ? 1 : 0),
    // Modules, which no script loads, and references to the host's objects, of which there are none.
    h: nothing,
    g: nothing,
    u: nothing,
  };
}
