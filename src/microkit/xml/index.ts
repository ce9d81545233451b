/** XML with the place of every element, attribute and value. */
export * from './decode.ts';
export * from './diagnostics.ts';
export * from './document.ts';
export * from './edit.ts';
export * from './escape.ts';
export * from './reader.ts';
export * from './source.ts';
