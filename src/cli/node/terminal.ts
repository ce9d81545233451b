/** Standard input as a keyboard: raw while it is taken, and given back as it was, whatever ends the process. */
import type { HostTerminal } from '../../base/index.ts';

/**
 * `standardInput` gives the stream when it is first wanted: making it turns a pipe non-blocking, also for the
 * processes that share it.
 */
export function nodeTerminal(standardInput: () => NodeJS.ReadStream): HostTerminal {
  return {
    get isInteractive() {
      return standardInput().isTTY === true;
    },
    open(onBytes) {
      const stdin = standardInput();
      const take = (chunk: Buffer) => onBytes(chunk);
      const restore = () => {
        if (stdin.isTTY) stdin.setRawMode(false);
      };
      if (stdin.isTTY) stdin.setRawMode(true);
      process.once('exit', restore);
      stdin.on('data', take);
      // A closed or unreadable standard input is one on which nobody types.
      stdin.on('error', ignore);
      stdin.resume();
      return {
        close() {
          restore();
          process.off('exit', restore);
          stdin.off('data', take);
          stdin.pause();
          if ('unref' in stdin) stdin.unref();
        },
      };
    },
  };
}

function ignore(): void {}
