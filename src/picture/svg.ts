/** SVG text: elements with escaped attributes and contents (SVG 2; XML 1.0). */
import { escapeXmlAttribute } from '../microkit/index.ts';

export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element; its children are text already. */
export function element(name: string, attributes: SvgAttributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXmlAttribute(String(value))}"`],
  );
  return children.length === 0
    ? `<${name}${given.join('')}/>`
    : `<${name}${given.join('')}>${children.join('')}</${name}>`;
}

/** A coordinate in so few digits that files stay small. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
