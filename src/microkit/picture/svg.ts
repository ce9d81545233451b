/** SVG text: elements with escaped attributes and contents (SVG 2; XML 1.0). */
export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

export function element(name: string, attributes: SvgAttributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(String(value))}"`],
  );
  return children.length === 0
    ? `<${name}${given.join('')}/>`
    : `<${name}${given.join('')}>${children.join('')}</${name}>`;
}

/** Text as an element's content or an attribute's value; what XML has no way to write is left out. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
