export { cppCodes } from './diagnostics.ts';
export { type LineMarker, lineMarkerAt } from './directive.ts';
export { type MappedText, PlainText } from './position-map.ts';
export { type PreprocessOptions, preprocess } from './preprocess.ts';
export { DEFAULT_PREPROCESS_LIMITS, type PreprocessLimits } from './reading-state.ts';
export { decodeSource, displayText, type SourceEncoding } from './source-text.ts';
