/**
 * A saved run's file: a line that says what it is, what the run is of in JSON with its length before it (little-endian), and the
 * session's snapshot, which has a checksum of its own.
 */

/** What a saved run is of. */
export interface RunSubject {
  /** The program that saved it, exactly: another one's state may mean something else. */
  readonly program: string;
  /** What the run is made of, by name, as hashes. */
  readonly inputs: Readonly<Record<string, string>>;
}

const MARK = new TextEncoder().encode('drivervm run 1\n');
const LENGTH_BYTES = 4;

export function writeRunFile(subject: RunSubject, session: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(subject));
  const headerAt = MARK.length + LENGTH_BYTES;
  const file = new Uint8Array(headerAt + header.length + session.length);
  file.set(MARK);
  new DataView(file.buffer).setUint32(MARK.length, header.length, true);
  file.set(header, headerAt);
  file.set(session, headerAt + header.length);
  return file;
}

/** `undefined` for what is no such file. `session` is a view of the bytes. */
export function readRunFile(file: Uint8Array): (RunSubject & { readonly session: Uint8Array }) | undefined {
  const headerAt = MARK.length + LENGTH_BYTES;
  if (file.length < headerAt || MARK.some((byte, index) => file[index] !== byte)) return undefined;
  const headerBytes = new DataView(file.buffer, file.byteOffset).getUint32(MARK.length, true);
  const header = parsed(new TextDecoder().decode(file.subarray(headerAt, headerAt + headerBytes)));
  if (!isRecord(header) || typeof header['program'] !== 'string' || !isRecord(header['inputs']))
    return undefined;
  const inputs = Object.fromEntries(
    Object.entries(header['inputs']).map(([name, hash]) => [name, `${hash}`]),
  );
  return { program: header['program'], inputs, session: file.subarray(headerAt + headerBytes) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
