/** Messages of protected calls. */

/** The most words of a {@link Message}. */
export const MESSAGE_WORDS_MAX = 64;

/** A message of a protected call: a label and up to 64 words (Microkit 2.3 manual §"microkit_msginfo"). */
export interface Message {
  readonly label: number;
  readonly words: readonly bigint[];
}
