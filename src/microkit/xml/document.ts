/**
 * What remains of an XML document once its syntax is dealt with: elements with their attributes, and where each was
 * written. Offsets are into the text of the {@link XmlSource} that was read.
 */
export interface XmlAttribute {
  readonly name: string;
  /** Entities and character references replaced, white space made spaces (XML 1.0 §3.3.3). */
  readonly value: string;
  /** Where the name begins. */
  readonly nameOffset: number;
  /** Where the value begins, after its quote. */
  readonly valueOffset: number;
  /** Where the value ends, before its quote. */
  readonly valueEnd: number;
}

/** An element with its attributes, children and comments, each with its offset in the text. */
export interface XmlElement {
  /** Without its namespace prefix: Microkit's tool looks at local names only. */
  readonly name: string;
  /** Where its `<` stands. */
  readonly offset: number;
  /** Whether it is one tag: `<map />`. */
  readonly isEmptyTag: boolean;
  /** By name, in order. Namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>;
  readonly children: readonly XmlElement[];
  /** Where text other than white space begins inside it, children not counted. */
  readonly textOffsets: readonly number[];
  /** The comments between it and what stands before it, without their delimiters. */
  readonly comments: readonly string[];
  /** The comments between its last child and its end tag. */
  readonly closingComments: readonly string[];
}
