/** Signals that ask the process to end. While they are caught, the first one is told; a second one ends it at once. */
import type { HostSignal } from '../base/index.ts';

const SIGNALS: readonly HostSignal[] = [
  { name: 'SIGHUP', exitStatus: 129 },
  { name: 'SIGINT', exitStatus: 130 },
  { name: 'SIGTERM', exitStatus: 143 },
];

export function catchSignals(onSignal: (signal: HostSignal) => void): { close(): void } {
  const listeners = SIGNALS.map((signal) => {
    const { name } = signal;
    const listener = (): void => {
      close();
      onSignal(signal);
    };
    process.on(name, listener);
    return { name, listener };
  });
  const close = (): void => {
    for (const { name, listener } of listeners) process.off(name, listener);
  };
  return { close };
}
