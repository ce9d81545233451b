/** GDB's remote protocol over a session's debugger. */
export { Files } from './files.ts';
export { Stub, type StubOptions } from './stub.ts';
