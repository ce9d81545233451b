/** A typed builder of WebAssembly modules and its printer. */
export { encodeTemplate, type Template } from './encode.ts';
export {
  type WasmEngine,
  type WasmImport,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
  type WasmTable,
  wasmEngine,
} from './engine.ts';
export {
  type CodeWriter,
  type ConstValue,
  call,
  constant,
  type Expr,
  type ExprsOf,
  FunctionBuilder,
  type FunctionRef,
  type FunctionType,
  get,
  type Hole,
  i32,
  i64,
  type Label,
  type Local,
  label,
  load,
  op,
  opWithImmediate,
  type Stmt,
  select,
  set,
  store,
  tee,
} from './expression.ts';
export { type ImportedFunction, type MemoryImport, ModuleBuilder } from './module.ts';
export {
  type Immediate,
  type LoadName,
  MEMORY_OPCODES,
  type MemoryOpName,
  OPCODES,
  type Opcode,
  type OpName,
  type StoreName,
  type ValueType,
} from './opcodes.ts';
export { printExpr, printFunction, printModule, printStatement } from './print.ts';
