/**
 * A run's snapshot as bytes: a mark, the format's number, a checksum of the rest, and the saved values of everything
 * (`base/saved-bytes.ts`), RAM among them by its used pages. Whatever is changed in what is saved changes the number.
 */
import {
  attempt,
  type DiagnosticSink,
  decodeSaved,
  encodeSaved,
  Refusal,
  type Saved,
  type SavedProblem,
  type SavedValue,
} from '../base/index.ts';
import { contentHash } from '../payload/index.ts';
import { runCodes } from './diagnostics.ts';

const MARK = 'drivervm';
const SNAPSHOT_FORMAT = 5;
const FORMAT_OFFSET = MARK.length;
const CHECKSUM_OFFSET = FORMAT_OFFSET + 4;
const HEADER_BYTES = CHECKSUM_OFFSET + 8;
/** How many parts that do not fit are told. */
const PROBLEMS_TOLD = 5;

/** A state as a snapshot's bytes: mark, format, checksum, content. */
export function writeSnapshot(state: SavedValue): Uint8Array {
  const bytes = encodeSaved(state, HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MARK));
  view.setUint32(FORMAT_OFFSET, SNAPSHOT_FORMAT, true);
  view.setBigUint64(CHECKSUM_OFFSET, contentHash(bytes.subarray(HEADER_BYTES)), true);
  return bytes;
}

/** What a snapshot says, or `undefined` with a diagnostic. Binary content is a view of `bytes`. */
export function readSnapshot(bytes: Uint8Array, file: string, sink: DiagnosticSink): SavedValue {
  const mark = new TextDecoder().decode(bytes.subarray(0, MARK.length));
  if (bytes.length < HEADER_BYTES || mark !== MARK) {
    sink.report(runCodes['not-a-snapshot'].at({ file }, undefined));
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint32(FORMAT_OFFSET, true);
  if (format !== SNAPSHOT_FORMAT) {
    sink.report(runCodes['snapshot-format'].at({ file }, { format, known: SNAPSHOT_FORMAT }));
    return undefined;
  }
  const content = bytes.subarray(HEADER_BYTES);
  const state = attempt(() => {
    if (view.getBigUint64(CHECKSUM_OFFSET, true) !== contentHash(content))
      throw new Refusal('its checksum is another');
    return decodeSaved(content);
  });
  if (!(state instanceof Refusal)) return state;
  sink.report(runCodes['snapshot-damaged'].at({ file }, { reason: state.message }));
  return undefined;
}

/** Whether a state is one of this part; where it is not, the sink says why. */
export function fitsSnapshot(part: Saved, state: SavedValue, file: string, sink: DiagnosticSink): boolean {
  const problems: SavedProblem[] = [];
  let count = 0;
  part.check(state, [], (problem) => {
    count += 1;
    if (problems.length < PROBLEMS_TOLD) problems.push(problem);
  });
  for (const { path, expected, found } of problems)
    sink.report(runCodes['snapshot-mismatch'].at({ file }, { path: path.join('.'), expected, found }));
  return count === 0;
}
