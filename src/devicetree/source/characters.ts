/** The characters of device tree source's tokens, as dtc 1.8.1's scanner classes them. */

const ASCII_COUNT = 128;

function table(matches: RegExp): Uint8Array {
  return Uint8Array.from({ length: ASCII_COUNT }, (_, code) =>
    matches.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

const NAME = table(/[a-zA-Z0-9,._+*#?@-]/);
const LABEL_START = table(/[a-zA-Z_]/);
const LABEL_PART = table(/[a-zA-Z0-9_]/);
const SPACE = table(/[ \t\n\v\f\r]/);
const HEX = table(/[0-9a-fA-F]/);

export function isNameChar(code: number): boolean {
  return NAME[code] === 1;
}

export function isLabelStart(code: number): boolean {
  return LABEL_START[code] === 1;
}

export function isLabelPart(code: number): boolean {
  return LABEL_PART[code] === 1;
}

export function isSpaceChar(code: number): boolean {
  return SPACE[code] === 1;
}

export function isHexDigit(code: number): boolean {
  return HEX[code] === 1;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/**
 * The bytes that the inside of a string or character literal stands for: C's escapes, with up to three octal or two
 * hexadecimal digits. `badEscapeAt` is the offset of a \x without digits.
 */
export function unescaped(text: string): { readonly bytes: Uint8Array; readonly badEscapeAt?: number } {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let badEscapeAt: number | undefined;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    at += 1;
    if (code !== 0x5c || at >= text.length) {
      bytes[length++] = code;
      continue;
    }
    const letter = text.charAt(at);
    const octal = digits(text, at, 3, (char) => char >= 0x30 && char <= 0x37);
    const hexadecimal = letter === 'x' ? digits(text, at + 1, 2, isHexDigit) : '';
    if (octal !== '') {
      bytes[length++] = Number.parseInt(octal, 8);
      at += octal.length;
    } else if (letter === 'x') {
      if (hexadecimal === '') badEscapeAt ??= at - 1;
      bytes[length++] = Number.parseInt(hexadecimal, 16);
      at += 1 + hexadecimal.length;
    } else {
      bytes[length++] = ESCAPES[letter] ?? letter.charCodeAt(0);
      at += 1;
    }
  }
  return { bytes: bytes.subarray(0, length), ...(badEscapeAt === undefined ? {} : { badEscapeAt }) };
}

function digits(text: string, from: number, most: number, isDigit: (code: number) => boolean): string {
  let end = from;
  while (end < from + most && end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return text.slice(from, end);
}
