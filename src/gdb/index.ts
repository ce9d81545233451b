/** GDB's remote protocol over a session's debugger. */
export { type CommandSource, Commands } from './commands.ts';
export { Files } from './files.ts';
export { Stub, type StubOptions } from './stub.ts';
