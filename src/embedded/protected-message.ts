/**
 * Messages of protected calls, where the C around the engine has message registers: words from the first on, and at the end of the same
 * memory, which no message reaches (Microkit 2.3 manual, "Limits": 64 words), label and count.
 */
import { MESSAGE_WORDS_MAX, type Message } from '../sel4/index.ts';
import { FAULT_LAYOUT } from '../vmm/index.ts';

const WORDS = FAULT_LAYOUT.message[1] / 2;
/** The C has them as `seL4_MsgMaxLength - 2` and `- 1`. */
const [LABEL, COUNT] = [WORDS - 2, WORDS - 1];
/** Of seL4_MessageInfo's label on AArch64: 52 bits. */
const LABEL_LIMIT = 2 ** 52;

/** Puts a message there; throws RangeError where it has more words, or a larger label, than one may have. */
export function writeProtected(words: BigUint64Array, { label, words: content }: Message): void {
  if (content.length > MESSAGE_WORDS_MAX)
    throw new RangeError(`a message of ${content.length} words: ${MESSAGE_WORDS_MAX} at most`);
  if (!Number.isInteger(label) || label < 0 || label >= LABEL_LIMIT)
    throw new RangeError(`a message's label is a whole number below 2^52, not ${label}`);
  words.set(content);
  words[LABEL] = BigInt(label);
  words[COUNT] = BigInt(content.length);
}

/** The message that is there. */
export function readProtected(words: BigUint64Array): Message {
  const count = Math.min(Number(words[COUNT] ?? 0n), MESSAGE_WORDS_MAX);
  return { label: Number(words[LABEL] ?? 0n), words: [...words.subarray(0, count)] };
}
