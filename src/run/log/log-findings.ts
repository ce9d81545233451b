/** What a kernel's log has to say of a run: devices without a driver, a panic, and the last line, for one that is silent. */
import { type KernelMessage, kernelMessageOf, MESSAGES_KEPT } from '../console/kernel-messages.ts';
import { panicOf } from '../console/panic-watch.ts';

/** What the kernel's log in a guest's RAM tells. */
export interface LogFindings {
  readonly messages: readonly KernelMessage[];
  readonly panic: string | undefined;
  readonly lastLine: string | undefined;
}

/** `known`: what the console said already, which the log has too where its ring has not gone round. */
export function logFindings(lines: Iterable<string>, known: readonly KernelMessage[]): LogFindings {
  const messages = new Map(known.map((message) => [message.line, message]));
  const limit = messages.size + MESSAGES_KEPT;
  let panic: string | undefined;
  let lastLine: string | undefined;
  for (const line of lines) {
    if (line.trim() !== '') lastLine = line;
    panic = panicOf(line) ?? panic;
    const message = kernelMessageOf(line);
    if (message !== undefined && messages.size < limit && !messages.has(message.line))
      messages.set(message.line, message);
  }
  return { messages: [...messages.values()], panic, lastLine };
}
