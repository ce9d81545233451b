/** A module and its binary form (WebAssembly 2.0 §5.5). */
import { ByteWriter } from '../base/index.ts';
import { encodeFunction, type IndexSpaces, typeKey, VALUE_TYPE_CODES } from './encode.ts';
import { FunctionBuilder, type FunctionRef, type FunctionType } from './expression.ts';

/** A function that the module gets from outside. */
export interface ImportedFunction extends FunctionRef {
  readonly module: string;
}

/** A memory from outside, its limits in pages of 64 KiB. */
export interface MemoryImport {
  readonly module: string;
  readonly name: string;
  /** In pages of 64 KiB. */
  readonly minimum: number;
  readonly maximum: number;
}
interface TableImport {
  readonly module: string;
  readonly name: string;
}
/** Functions that instantiating puts into the table, from a place on. */
interface Element {
  readonly place: number;
  readonly func: FunctionRef;
}
interface TableDeclaration {
  readonly minimum: number;
  readonly exportName: string;
}

const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  export: 7,
  element: 9,
  code: 10,
} as const;
const EXTERNAL = { function: 0, table: 1, memory: 2 } as const;
const FUNCTION_TYPE = 0x60;
/** In table 0, at what an `i32.const` says. */
const ACTIVE_ELEMENT = [0x00, 0x41];
const END = 0x0b;
const FUNCREF = 0x70;

/** Collects imports and functions; `encode` gives the bytes for `new WebAssembly.Module`. */
export class ModuleBuilder {
  readonly imports: ImportedFunction[] = [];
  readonly functions: FunctionBuilder[] = [];
  /** Types that come first, so that they have the same numbers in other modules too. */
  readonly firstTypes: FunctionType[] = [];
  readonly exports: { readonly name: string; readonly func: FunctionRef }[] = [];
  readonly #elements: Element[] = [];
  memory: MemoryImport | undefined;
  table: TableDeclaration | undefined;
  tableImport: TableImport | undefined;

  /** Imports must be complete before the module is encoded; the same import asked for again is the same function. */
  importFunction(module: string, name: string, type: FunctionType): ImportedFunction {
    const known = this.imports.find((entry) => entry.module === module && entry.name === name);
    if (known !== undefined) return known;
    const imported: ImportedFunction = { module, name, type };
    this.imports.push(imported);
    return imported;
  }

  importMemory(memory: MemoryImport): void {
    this.memory = memory;
  }

  /** The module's one table, of functions, exported. */
  declareTable(table: TableDeclaration): void {
    this.table = table;
  }

  /** The module's one table, of functions, somebody else's. */
  importTable(table: TableImport): void {
    this.tableImport = table;
  }

  function(name: string, type: FunctionType): FunctionBuilder {
    const builder = new FunctionBuilder(name, type);
    this.functions.push(builder);
    return builder;
  }

  export(name: string, func: FunctionRef): void {
    this.exports.push({ name, func });
  }

  /** Instantiating puts a function into the table: cheaper than an export for whoever only calls it from there. */
  place(place: number, func: FunctionRef): void {
    this.#elements.push({ place, func });
  }

  encode(): Uint8Array {
    const types: FunctionType[] = [];
    const typeIndexes = new Map<string, number>();
    const typeIndex = (type: FunctionType): number => {
      const key = typeKey(type);
      const known = typeIndexes.get(key);
      if (known !== undefined) return known;
      typeIndexes.set(key, types.length);
      types.push(type);
      return types.length - 1;
    };
    for (const type of this.firstTypes) typeIndex(type);
    const functionIndexes = new Map<FunctionRef, number>();
    for (const func of [...this.imports, ...this.functions]) functionIndexes.set(func, functionIndexes.size);
    const spaces: IndexSpaces = {
      typeIndex,
      functionIndex: (func) => {
        const index = functionIndexes.get(func);
        if (index === undefined) throw new Error(`${func.name} is not in this module`);
        return index;
      },
    };
    const importTypes = this.imports.map((entry) => typeIndex(entry.type));
    const functionTypes = this.functions.map((entry) => typeIndex(entry.type));
    const bodies = this.functions.map((entry) => {
      entry.encoded ??= encodeFunction(entry, spaces);
      return entry.encoded;
    });

    const out = new ByteWriter();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(out, SECTION.type, types, (writer, type) => {
      writer.u8(FUNCTION_TYPE);
      for (const list of [type.params, type.results]) {
        writer.unsigned(list.length);
        for (const valueType of list) writer.u8(VALUE_TYPE_CODES[valueType]);
      }
    });
    this.#encodeImports(out, importTypes);
    section(out, SECTION.function, functionTypes, (writer, index) => writer.unsigned(index));
    const tables = this.table === undefined ? [] : [this.table];
    section(out, SECTION.table, tables, (writer, table) => {
      writer.u8(FUNCREF);
      writer.u8(0);
      writer.unsigned(table.minimum);
    });
    const exports = [
      ...this.exports.map(({ name, func }) => ({
        name,
        kind: EXTERNAL.function,
        index: spaces.functionIndex(func),
      })),
      ...tables.map((table) => ({ name: table.exportName, kind: EXTERNAL.table, index: 0 })),
    ];
    section(out, SECTION.export, exports, (writer, entry) => {
      writer.name(entry.name);
      writer.u8(entry.kind);
      writer.unsigned(entry.index);
    });
    section(out, SECTION.element, this.#elements, (writer, { place, func }) => {
      writer.bytes(ACTIVE_ELEMENT);
      writer.signed32(place);
      writer.u8(END);
      writer.unsigned(1);
      writer.unsigned(spaces.functionIndex(func));
    });
    section(out, SECTION.code, bodies, (writer, body) => {
      writer.unsigned(body.length);
      writer.bytes(body);
    });
    return out.finish();
  }

  #encodeImports(out: ByteWriter, importTypes: readonly number[]): void {
    const entries = [
      ...this.imports.map((entry, index) => ({ entry, typeIndex: importTypes[index] })),
      ...(this.memory === undefined ? [] : [{ entry: this.memory, typeIndex: undefined }]),
      ...(this.tableImport === undefined ? [] : [{ entry: this.tableImport, typeIndex: undefined }]),
    ];
    section(out, SECTION.import, entries, (writer, { entry, typeIndex }) => {
      writer.name(entry.module);
      writer.name(entry.name);
      if (typeIndex !== undefined) {
        writer.u8(EXTERNAL.function);
        writer.unsigned(typeIndex);
      } else if (entry === this.memory) {
        writer.u8(EXTERNAL.memory);
        writer.u8(1);
        writer.unsigned(this.memory.minimum);
        writer.unsigned(this.memory.maximum);
      } else {
        writer.u8(EXTERNAL.table);
        writer.u8(FUNCREF);
        writer.u8(0);
        writer.unsigned(0);
      }
    });
  }
}

function section<T>(
  out: ByteWriter,
  id: number,
  entries: readonly T[],
  write: (writer: ByteWriter, entry: T) => void,
): void {
  if (entries.length === 0) return;
  const content = new ByteWriter();
  content.unsigned(entries.length);
  for (const entry of entries) write(content, entry);
  const bytes = content.written();
  out.u8(id);
  out.unsigned(bytes.length);
  out.bytes(bytes);
}
