/** What a parameter's value, which is always text, means to each kind of target. */

const WORDS: Readonly<Record<string, bigint>> = {
  y: 1n,
  yes: 1n,
  on: 1n,
  true: 1n,
  down: 1n,
  n: 0n,
  no: 0n,
  off: 0n,
  false: 0n,
  // The values of GPIO pulls: 1 is down, 2 is up.
  up: 2n,
};

/** As C's `strtoull` with base 0 takes it, or one of the words for on and off. */
export function integerOf(text: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^\s*([-+]?)(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.exec(text) ?? [];
  if (digits === '') return Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const number = BigInt(octal);
  return BigInt.asUintN(64, sign === '-' ? -number : number);
}

/** Pairs of hexadecimal digits, with blanks or colons between them. */
export function bytesOf(text: string): Uint8Array | undefined {
  const digits = text.replace(/[:\s]/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** `status` takes words for on and off too. */
export function statusOf(text: string): string {
  if (['y', 'yes', 'on', 'true', 'enable', '1'].includes(text)) return 'okay';
  return ['n', 'no', 'off', 'false', '0'].includes(text) ? 'disabled' : text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** C's escapes made characters; `undefined` where one is unknown. */
export function unescaped(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.?))/gs,
    (_, octal?: string, hexadecimal?: string, letter = '') => {
      const code = octal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number.parseInt(octal, 8);
      if (code <= 255) return String.fromCharCode(code);
      const found = octal === undefined && Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      isKnown &&= found !== undefined;
      return found ?? '';
    },
  );
  return isKnown ? plain : undefined;
}
