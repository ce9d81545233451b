/**
 * One engine for all scripts of a run, at the start of the machine's own memory, so that memory that a program has mapped is where the guest has
 * it, as on seL4. It has a stack and a heap of fixed sizes there and nothing else; each program has a runtime of its own in it.
 */
import { Refusal } from '../base/index.ts';
import { ENGINE_LIMITS } from '../embedded/index.ts';
import type { WasmMemory } from '../wasm/index.ts';
import {
  EngineAbort,
  type Pointer,
  QUICKJS_STATIC_BYTES,
  type QuickJsCalls,
  type QuickJsFunctions,
  quickJsFunctions,
} from './quickjs-build.ts';

/** WebAssembly has pointers of 32 bits and packs values: an object takes about half of what it does on seL4. Held to half, what fits here fits there. */
const HEAP_SHARE = 2;
/**
 * Of the stack only what C takes the address of is in the memory; recursion of several kinds takes a quarter of what it does in 64 bits, some
 * less (docs/typescript-on-sel4.md). With a fifth it ends here first, and well before JavaScript's own stack, on which the rest lies.
 */
const STACK_SHARE = 5;
const STACK_BYTES = Math.floor((ENGINE_LIMITS.stackBytes - ENGINE_LIMITS.stackReserveBytes) / STACK_SHARE);
const HEAP_BYTES = ENGINE_LIMITS.heapBytes / HEAP_SHARE;
/** What a program has beside the heap, which C has beside it: a fault's words, the interrupt controller's state, names. */
const BESIDE_BYTES = 0x2_0000;
/** Of an error's message. */
const MESSAGE_BYTES = 0x1000;
/** The last of the memory, where the engine's allocator keeps what it is not to use. */
const TAIL_BYTES = 0x1_0000;
const ALIGNMENT = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ALLOCATION_STEP_BYTES = 0x1000;
const aligned = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

/** For whom there is to be room. */
export interface EngineSize {
  readonly programs: number;
  /** All that is {@link Engine.place}d. */
  readonly placedBytes: number;
}

/** What the engine calls of a program's, by the context that it is in. */
export interface EngineClient extends QuickJsCalls {
  readonly name: string;
}

/** An engine on a memory, with its programs. */
export class Engine {
  readonly functions: QuickJsFunctions;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #clients = new Map<Pointer, EngineClient>();
  readonly #baseStackPointer: Pointer;
  readonly #heapEnd: number;
  readonly #keptEnd: number;
  readonly #end: number;
  readonly #message: Pointer;
  /** Why it can't be entered any more. */
  #broken: string | undefined;
  /** Where the next things go that change, and that do not. */
  #nextKept: number;
  #nextPlaced: number;

  constructor(build: Uint8Array, memory: WasmMemory, { programs, placedBytes }: EngineSize) {
    this.bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    const clientOf = (place: Pointer): EngineClient => {
      const client = this.#clients.get(place);
      if (client === undefined) throw new Error(`nobody is at ${place}`);
      return client;
    };
    this.functions = quickJsFunctions(build, memory, {
      callFunction: (context, ...rest) => clientOf(context).callFunction(context, ...rest),
      isInterrupted: (runtime) => clientOf(runtime).isInterrupted(runtime),
    });
    this.#baseStackPointer = this.functions.stackPointer();
    this.#heapEnd = QUICKJS_STATIC_BYTES + programs * HEAP_BYTES;
    this.#keptEnd = this.#heapEnd + MESSAGE_BYTES + programs * BESIDE_BYTES;
    this.#end = this.#keptEnd + placedBytes;
    this.#nextKept = this.#heapEnd;
    this.#nextPlaced = this.#keptEnd;
    this.#limitHeap(this.#heapEnd, memory.buffer.byteLength);
    this.#message = this.reserve(MESSAGE_BYTES);
  }

  /** How much of a memory's start it needs. */
  static lentBytes({ programs, placedBytes }: EngineSize): number {
    return QUICKJS_STATIC_BYTES + MESSAGE_BYTES + programs * (HEAP_BYTES + BESIDE_BYTES) + placedBytes;
  }

  /** All that a script can change of it. */
  get state(): Uint8Array {
    return this.bytes.subarray(0, this.#keptEnd);
  }

  /**
   * The allocator would take all of the memory, for it knows no other end. So one piece of it, from the heap's end to the memory's, is taken
   * at once and never given back: only its first words, which lie in the heap, and its last, which lie in the tail, are written.
   */
  #limitHeap(end: number, memoryBytes: number): void {
    const { malloc, free } = this.functions;
    const first = malloc(ALIGNMENT);
    const heap = malloc(end - first - 8 * ALIGNMENT);
    const least = memoryBytes - TAIL_BYTES - end;
    let beyond = 0;
    let sizeBytes = memoryBytes - end;
    while (beyond === 0 && sizeBytes > least) {
      sizeBytes -= ALLOCATION_STEP_BYTES;
      beyond = malloc(sizeBytes);
    }
    for (let rest = TAIL_BYTES; rest >= 1; rest /= 2) while (malloc(rest) !== 0);
    if (heap === 0 || beyond === 0 || beyond > end || beyond + sizeBytes < memoryBytes - TAIL_BYTES)
      throw new Error(`the heap ends at ${beyond} in place of ${end}`);
    free(first);
    free(heap);
  }

  /** Room for what changes. */
  reserve(sizeBytes: number): Pointer {
    const at = this.#nextKept;
    this.#nextKept = aligned(at + sizeBytes);
    if (this.#nextKept > this.#keptEnd) throw new RangeError(`no room for ${sizeBytes} bytes`);
    return at;
  }

  /** Puts something that stays as it is, and a zero behind it. */
  place(content: Uint8Array): Pointer {
    const at = this.#nextPlaced;
    this.#nextPlaced = aligned(at + content.length + 1);
    if (this.#nextPlaced > this.#end) throw new RangeError(`no room for ${content.length} bytes`);
    this.bytes.set(content, at);
    return at;
  }

  /** How much of {@link EngineSize.placedBytes} something takes. */
  static placedBytes(contentBytes: number): number {
    return contentBytes + ALIGNMENT;
  }

  /** A text for the next call alone. */
  passingText(text: string): Pointer {
    const { written } = encoder.encodeInto(
      text,
      this.bytes.subarray(this.#message, this.#message + MESSAGE_BYTES - 1),
    );
    this.bytes[this.#message + written] = 0;
    return this.#message;
  }

  textAt(pointer: Pointer): string {
    return decoder.decode(this.bytes.subarray(pointer, this.bytes.indexOf(0, pointer)));
  }

  setWord(at: Pointer, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** A runtime with a context, for one program. */
  newContext(client: EngineClient): { readonly runtime: Pointer; readonly context: Pointer } | undefined {
    const runtime = this.functions.newRuntime();
    const context = runtime === 0 ? 0 : this.functions.newContext(runtime, 0);
    if (context === 0) return undefined;
    this.#clients.set(runtime, client);
    this.#clients.set(context, client);
    this.functions.enableInterruptHandler(runtime);
    return { runtime, context };
  }

  /**
   * Lets a program run; its stack has its size, however deep others are in the engine at the moment. Throws {@link EngineAbort} where that gave
   * up, and whatever the host's own functions threw.
   */
  enter<T>(runtime: Pointer, body: () => T): T {
    if (this.#broken !== undefined) throw new EngineAbort(this.#broken);
    const before = this.functions.stackPointer();
    this.functions.setMaxStackSize(runtime, STACK_BYTES + (this.#baseStackPointer - before));
    try {
      return body();
    } catch (error) {
      if (error instanceof Refusal && !(error instanceof EngineAbort)) throw error;
      // It was left in the middle of something: nothing in it can be relied on.
      this.#broken = 'the engine gave up in a program before';
      this.functions.setStackPointer(before);
      throw error;
    }
  }
}
