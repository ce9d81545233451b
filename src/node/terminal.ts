/** Standard input as a keyboard: raw while it is taken, and given back as it was, whatever ends or stops the process. */
import type { HostTerminal } from '../base/index.ts';

/**
 * `standardInput` gives the stream when it is first wanted: making it turns a pipe non-blocking, also for the
 * processes that share it.
 */
export function nodeTerminal(standardInput: () => NodeJS.ReadStream): HostTerminal {
  return {
    get isInteractive() {
      return standardInput().isTTY === true;
    },
    open(onBytes, onEnd) {
      const stdin = standardInput();
      const take = (chunk: Buffer) => onBytes(chunk);
      const setRaw = (raw: boolean) => {
        if (!stdin.isTTY || stdin.destroyed) return;
        try {
          stdin.setRawMode(raw);
        } catch {
          // The terminal has gone away; there is nothing to give back.
        }
      };
      const restore = () => setRaw(false);
      /** Stopped from outside (the keyboard's Ctrl-Z goes to the guest): the shell gets its terminal as it was. */
      const stop = () => {
        restore();
        process.kill(process.pid, 'SIGSTOP');
      };
      const resume = () => setRaw(true);
      setRaw(true);
      process.once('exit', restore);
      if (stdin.isTTY) process.on('SIGTSTP', stop).on('SIGCONT', resume);
      stdin.on('data', take);
      // A closed or unreadable standard input is one on which nobody types any more.
      stdin.on('end', onEnd).on('error', onEnd);
      stdin.resume();
      return {
        close() {
          restore();
          process.off('exit', restore).off('SIGTSTP', stop).off('SIGCONT', resume);
          stdin.off('data', take).off('end', onEnd).on('error', ignore).off('error', onEnd);
          stdin.pause();
          if ('unref' in stdin) stdin.unref();
        },
      };
    },
  };
}

function ignore(): void {}
