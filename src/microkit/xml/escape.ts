/** What a text becomes inside XML (XML 1.0, fifth edition). HTML and SVG take the same. */

/** What a document has no way to write, not even as a reference (§2.2). */
const NOT_CHARACTERS = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** As an element's content; characters that XML has no place for are left out. */
export function escapeXmlText(text: string): string {
  return text
    .replace(NOT_CHARACTERS, '')
    .replace(/[&<>]/g, (char) => REFERENCES[char] ?? char)
    .replaceAll('\r', '&#13;');
}

/** As a value between double quotes: readers make spaces of tabs and line ends that are not references (§3.3.3). */
export function escapeXmlAttribute(value: string): string {
  return value
    .replace(NOT_CHARACTERS, '')
    .replace(/[&<"]/g, (char) => REFERENCES[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
