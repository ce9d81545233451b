/** What the worker holds: the session's files, what was planned of them, and the system that runs. */
import { type Diagnostic, DiagnosticSink, type Host } from '../../../src/base/index.ts';
import { readDeviceTree, resolveTree } from '../../../src/devicetree/index.ts';
import { microkitNameOf, planReport } from '../../../src/plan/index.ts';
import { planRequest, readInputs } from '../../../src/workspace/index.ts';
import { loadProject } from './load-system.ts';
import { newRequest } from './new-request.ts';
import type { PayloadFiles } from './payload-files.ts';
import { picturesOf } from './pictures.ts';
import type { Planned, WorkerEvent, WrittenFile } from './protocol.ts';
import { Running } from './running.ts';

/** Where a session's files lie in the worker's memory. */
const SESSION = '/session';
const REQUEST = `${SESSION}/request.yaml`;
const PROJECT = `${SESSION}/project`;
const PAYLOAD = 'payload';

/** One session. */
export class Workshop {
  readonly #host: Host;
  readonly #tell: (event: WorkerEvent) => void;
  readonly #payload: PayloadFiles;
  running: Running | undefined;

  constructor(host: Host, payload: PayloadFiles, tell: (event: WorkerEvent) => void) {
    this.#host = host;
    this.#payload = payload;
    this.#tell = tell;
    host.files.makeDirectory(SESSION);
  }

  /** Brings a board of the payload, its kernel and its ramdisk into the session, and gives a request of it. */
  async openPayloadBoard(path: string): Promise<string> {
    const { kernel, initrd } = this.#payload.index ?? {};
    for (const each of [path, kernel?.path, initrd?.path]) if (each !== undefined) await this.#bring(each);
    const dtb = `${PAYLOAD}/${path}`;
    const microkit = this.#microkitName(`${SESSION}/${dtb}`);
    return newRequest({
      dtb,
      ...(microkit === undefined ? {} : { microkit }),
      ...(kernel === undefined ? {} : { kernel: `${PAYLOAD}/${kernel.path}` }),
      ...(initrd === undefined ? {} : { initrd: `${PAYLOAD}/${initrd.path}` }),
    });
  }

  async #bring(path: string): Promise<void> {
    const { files } = this.#host;
    const target = `${SESSION}/${PAYLOAD}/${path}`;
    if (files.status(target) !== undefined) return;
    const content = await this.#payload.fetch(path);
    files.makeDirectory(files.dirname(target));
    files.writeAtomically(target, content);
  }

  #microkitName(path: string): string | undefined {
    const found = readDeviceTree(this.#host.files, path, {}, new DiagnosticSink());
    return found === undefined ? undefined : microkitNameOf(resolveTree(found.tree));
  }

  /** Plans a request, writes the project into the session, and checks it. */
  plan(request: string): Planned {
    const { files } = this.#host;
    const sink = new DiagnosticSink();
    files.writeAtomically(REQUEST, request);
    const planned = planRequest(this.#host, { file: REQUEST, output: PROJECT }, sink);
    if (planned === undefined) return { diagnostics: inSession(sink) };
    files.remove(PROJECT);
    files.makeDirectory(PROJECT);
    for (const { path, content } of planned.files) files.writeAtomically(files.join(PROJECT, path), content);
    const system = loadProject(this.#host, PROJECT, sink);
    const diagnostics = inSession(sink);
    if (system === undefined) return { diagnostics };
    return {
      diagnostics,
      project: {
        name: planned.plan.name,
        report: planReport(planned.plan),
        files: planned.files.map(writtenFile),
        pictures: picturesOf(system),
      },
    };
  }

  /** Starts what was planned last; what it says comes by events. */
  async boot(): Promise<readonly Diagnostic[]> {
    this.stop();
    const sink = new DiagnosticSink();
    const inputs = await readInputs(this.#host, PROJECT, {}, sink);
    if (typeof inputs === 'object') {
      this.running = new Running(this.#host, inputs, this.#tell);
      void this.running.go();
    }
    return inSession(sink);
  }

  stop(): void {
    this.running?.stop();
    this.running = undefined;
  }
}

function writtenFile({
  path,
  content,
}: {
  readonly path: string;
  readonly content: string | Uint8Array;
}): WrittenFile {
  if (typeof content !== 'string') return { path, sizeBytes: content.length };
  return { path, text: content, sizeBytes: new TextEncoder().encode(content).length };
}

/** Positions as the session's files are called. */
function inSession(sink: DiagnosticSink): readonly Diagnostic[] {
  const named = (file: string) => (file.startsWith(`${SESSION}/`) ? file.slice(SESSION.length + 1) : file);
  return sink
    .sorted()
    .map((found) =>
      found.position === undefined
        ? found
        : { ...found, position: { ...found.position, file: named(found.position.file) } },
    );
}
