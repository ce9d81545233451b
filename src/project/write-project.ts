/** Writes a project into its directory: what is new, not what a person edited, and says so. */
import { type DiagnosticSink, HostError, type HostFiles } from '../base/index.ts';
import { projectCodes } from './diagnostics.ts';
import type { ProjectFile } from './project.ts';
import { type FileStep, RECORD_PATH, readRecord, recordText, stepsFor } from './record.ts';

/** What writing a project needs of the host's files. */
export type ProjectDirectory = Pick<
  HostFiles,
  'join' | 'makeDirectory' | 'read' | 'status' | 'writeAtomically'
>;

/** What was done with each file. `force` overwrites what a person edited. */
export async function writeProject(
  files: ProjectDirectory,
  directory: string,
  content: readonly ProjectFile[],
  options: { readonly force?: boolean | undefined },
  sink: DiagnosticSink,
): Promise<readonly FileStep[]> {
  files.makeDirectory(directory);
  const present = (name: string): Uint8Array | undefined => {
    const path = files.join(directory, name);
    const status = files.status(path);
    if (status === undefined) return undefined;
    if (status.kind !== 'file') throw new HostError('EISDIR', path, 'is not a file');
    return files.read(path);
  };
  const old = present(RECORD_PATH);
  const record = readRecord(old === undefined ? '' : new TextDecoder().decode(old));
  const { steps, record: next } = await stepsFor(content, record, present, options.force === true);
  for (const step of steps) {
    if (step.kind === 'write')
      files.writeAtomically(files.join(directory, step.file.path), step.file.content);
    if (step.kind !== 'keep') continue;
    files.writeAtomically(files.join(directory, step.newPath), step.file.content);
    const code = step.foreign ? projectCodes['not-ours'] : projectCodes.edited;
    sink.report(code.at(undefined, { path: files.join(directory, step.file.path), newPath: step.newPath }));
  }
  files.writeAtomically(files.join(directory, RECORD_PATH), recordText(next));
  return steps;
}
