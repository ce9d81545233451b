/** What answers one kind of message: reads its fields, does what it asks for, and writes the answer's. */
import type { FidTable } from './fids.ts';
import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';

export interface Connection {
  readonly fids: FidTable;
  readonly isReadOnly: boolean;
  /** The most that a message may have, as agreed. */
  readonly messageBytes: number;
}

export type Operation = (question: MessageReader, answer: MessageWriter, connection: Connection) => void;

/** Does work with what nobody else holds, and lets go of it. */
export function using<H extends { close(): void }, T>(held: H, work: (held: H) => T): T {
  try {
    return work(held);
  } finally {
    held.close();
  }
}
