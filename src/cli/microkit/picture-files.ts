/** Pictures into files, or one of them to standard output. */
import type { Host } from '../../base/index.ts';
import type { Answer } from '../cli.ts';

/** As tools have it. */
const STANDARD_OUTPUT = '-';

/** A picture that was asked for: where it goes, and what makes it. */
export interface PictureFile {
  readonly path: string;
  readonly make: () => string;
}

/** Writes each; what goes to standard output is the command's answer. */
export function writePictures(
  host: Host,
  files: readonly PictureFile[],
  json: Readonly<Record<string, unknown>>,
  isJson: boolean,
): Answer {
  const toOutput = files.filter(({ path }) => path === STANDARD_OUTPUT);
  const [alone] = toOutput;
  if (toOutput.length > 1 || (alone !== undefined && isJson))
    return { text: 'one thing at a time goes to standard output; give the others files\n', misuse: true };
  const written = files.filter(({ path }) => path !== STANDARD_OUTPUT);
  for (const { path, make } of written) host.files.writeAtomically(path, make());
  const wrote = written.map(({ path }) => path);
  return {
    text: alone === undefined ? wrote.map((path) => `wrote ${path}\n`).join('') : alone.make(),
    json: { ...json, wrote },
  };
}
