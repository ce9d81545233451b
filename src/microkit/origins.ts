/** Where each part of a description was written: kept beside the value, so that the value stays plain. */
import type { Fix, SourcePosition } from '../base/index.ts';
import { attributeFix } from './fixes.ts';
import type { XmlElement, XmlSource } from './xml/index.ts';

/** The places of a description's parts, by the object that stands for each. */
export class DescriptionOrigins {
  readonly #elements = new Map<object, XmlElement>();
  readonly #source: XmlSource;

  constructor(source: XmlSource) {
    this.#source = source;
  }

  get file(): string {
    return this.#source.file;
  }

  set(part: object, element: XmlElement): void {
    this.#elements.set(part, element);
  }

  /** Every part that was read, in the order of reading. Several may be of one element. */
  parts(): Iterable<object> {
    return this.#elements.keys();
  }

  /** Where the part's `<` stands. */
  element(part: object): SourcePosition | undefined {
    const element = this.#elements.get(part);
    return element === undefined ? undefined : this.#source.positionAt(element.offset);
  }

  /** Where the value of one of its attributes begins; where there is no such attribute, where the part begins. */
  value(part: object, attribute: string): SourcePosition | undefined {
    const found = this.#elements.get(part)?.attributes.get(attribute);
    return found === undefined ? this.element(part) : this.#source.positionAt(found.valueOffset);
  }

  /** Writes another value for one of its attributes, or the attribute; `undefined` where that can't be done there. */
  fix(part: object, attribute: string, value: string): Fix | undefined {
    const element = this.#elements.get(part);
    return element && attributeFix(this.#source, element, attribute, value);
  }

  /** Where the name of one of its attributes begins; where there is no such attribute, where the part begins. */
  attribute(part: object, attribute: string): SourcePosition | undefined {
    const found = this.#elements.get(part)?.attributes.get(attribute);
    return found === undefined ? this.element(part) : this.#source.positionAt(found.nameOffset);
  }

  /** Whether the attribute is written, whatever it says. */
  hasAttribute(part: object, attribute: string): boolean {
    return this.#elements.get(part)?.attributes.has(attribute) === true;
  }

  /** The comments that stand before the part. */
  comments(part: object): readonly string[] {
    return this.#elements.get(part)?.comments ?? [];
  }

  /** The comments between the part's last child and its end. */
  closingComments(part: object): readonly string[] {
    return this.#elements.get(part)?.closingComments ?? [];
  }
}
