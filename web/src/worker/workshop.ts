/** What the worker holds: the session's files, what came of its request or description, and the system that runs. */
import {
  type Diagnostic,
  DiagnosticSink,
  type Host,
  Refusal,
  type TextPlace,
} from '../../../src/base/index.ts';
import { type Completion, Documents } from '../../../src/language/index.ts';
import { planReport } from '../../../src/plan/index.ts';
import type { ProjectFile } from '../../../src/project/index.ts';
import { planRequest, type RunRequest, readInputs, Snapshots } from '../../../src/workspace/index.ts';
import { loadDescription, loadProject } from './load-system.ts';
import { type Begun, type Opening, sessionRecord } from './opening.ts';
import { type LoadedSystem, picturesOf } from './pictures.ts';
import type { Checked, GivenFile, Opened, WorkerEvent, WrittenFile } from './protocol.ts';
import { Running } from './running.ts';
import { filesBelow, inSession, PAYLOAD, PROJECT, sessionName, writeFile, zipped } from './session-files.ts';

const SAVED_RUN = 'saved.run';

/** One session. */
export class Workshop {
  readonly #host: Host;
  readonly #tell: (event: WorkerEvent) => void;
  readonly #opening: Opening;
  readonly #program: string;
  #documents: Documents | undefined;
  #begun: Begun | undefined;
  #system: LoadedSystem | undefined;
  /** As the session began: what changed since is told by it. */
  #firstSystem: LoadedSystem | undefined;
  #running: Running | undefined;
  #snapshots: Snapshots | undefined;

  /** `program` says which build's runs can be taken up. */
  constructor(host: Host, opening: Opening, tell: (event: WorkerEvent) => void, program: string) {
    this.#host = host;
    this.#opening = opening;
    this.#tell = tell;
    this.#program = program;
  }

  async openPayloadBoard(path: string): Promise<Opened> {
    this.stop();
    return this.#opened(await this.#opening.payloadBoard(path));
  }

  async openFiles(given: readonly GivenFile[]): Promise<Opened> {
    this.stop();
    return this.#opened(await this.#opening.given(given));
  }

  #opened(begun: Begun): Opened {
    this.#begun = begun;
    this.#firstSystem = undefined;
    this.#documents = new Documents(this.#host.files);
    const { title, subject } = begun;
    const text = new TextDecoder().decode(this.#host.files.read(inSession(subject.path)));
    const own = filesBelow(this.#host, inSession('')).filter((path) => !path.startsWith(`${PAYLOAD}/`));
    // A session that names nothing but the payload is told by its text alone.
    const isSmall = subject.kind === 'request' && own.every((path) => path === subject.path);
    return { title, kind: subject.kind, name: subject.path, text, isSmall };
  }

  get #subject(): Begun['subject'] {
    if (this.#begun === undefined) throw new Refusal('nothing is open');
    return this.#begun.subject;
  }

  /** What comes of a changed request, or of a changed description. */
  change(text: string): Checked {
    const sink = new DiagnosticSink();
    const subject = this.#subject;
    writeFile(this.#host, inSession(subject.path), text);
    this.#system = undefined;
    const planned = subject.kind === 'request' ? this.#plan(sink) : this.#check(sink);
    const first = this.#firstSystem;
    this.#firstSystem ??= this.#system;
    return {
      diagnostics: namedInSession(sink),
      ...(planned === undefined ? {} : { project: planned }),
      ...(this.#system === undefined ? {} : { pictures: picturesOf(this.#system, shownName, first) }),
    };
  }

  #plan(sink: DiagnosticSink): Checked['project'] {
    const { files } = this.#host;
    const [file, output] = [inSession(this.#subject.path), inSession(PROJECT)];
    const include = (this.#begun?.include ?? []).map(inSession);
    const planned = planRequest(this.#host, { file, output, include }, sink);
    if (planned === undefined) return undefined;
    files.remove(output);
    for (const { path, content } of planned.files) writeFile(this.#host, files.join(output, path), content);
    this.#system = loadProject(this.#host, output, sink);
    const { plan } = planned;
    return { name: plan.name, report: planReport(plan), files: planned.files.map(writtenFile), canRun: true };
  }

  #check(sink: DiagnosticSink): Checked['project'] {
    const { files } = this.#host;
    const subject = this.#subject;
    if (subject.kind !== 'description') return undefined;
    const { path, project, dtb } = subject;
    this.#system =
      project === undefined
        ? loadDescription(
            this.#host,
            {
              system: inSession(path),
              boardTree: dtb === undefined ? undefined : inSession(dtb),
              guests: [],
            },
            sink,
          )
        : loadProject(this.#host, inSession(project), sink);
    const beside = filesBelow(this.#host, inSession('')).filter((each) => !each.startsWith(`${PAYLOAD}/`));
    const shown = beside.map((each) => {
      const content = files.read(inSession(each));
      return writtenFile({
        path: each,
        content: isText(content) ? new TextDecoder().decode(content) : content,
      });
    });
    return { name: sessionName(path), report: '', files: shown, canRun: true };
  }

  /** What may stand at a place of the text, which may be further than what was planned. */
  complete(text: string, place: TextPlace): readonly Completion[] {
    const { kind, path } = this.#subject;
    this.#documents?.set(inSession(path), kind, text);
    return this.#documents?.complete(inSession(path), place) ?? [];
  }

  projectZip(): Uint8Array {
    const directory = this.#subject.kind === 'request' ? PROJECT : '';
    const paths = filesBelow(this.#host, inSession(directory)).filter(
      (path) => !path.startsWith(`${PAYLOAD}/`),
    );
    return zipped(this.#host, inSession(directory), paths);
  }

  /** The session as one file: what was given and written down, without what can be fetched or made again. */
  sessionFile(): Uint8Array {
    const { title = '', subject = this.#subject } = this.#begun ?? {};
    const record = sessionRecord(title, subject);
    writeFile(this.#host, inSession(record.path), record.content);
    const isMade = (path: string) =>
      path.startsWith(`${PAYLOAD}/`) || (subject.kind === 'request' && path.startsWith(`${PROJECT}/`));
    const paths = filesBelow(this.#host, inSession('')).filter((path) => !isMade(path));
    return zipped(this.#host, inSession(''), paths);
  }

  /** Starts from power-on, or where a saved run was; what it says comes by events. */
  async boot(saved?: Uint8Array): Promise<readonly Diagnostic[]> {
    this.stop();
    const sink = new DiagnosticSink();
    const subject = this.#subject;
    const project = subject.kind === 'request' ? PROJECT : (subject.project ?? subject.path);
    const options = subject.kind === 'description' && subject.project === undefined ? flagsOf(subject) : {};
    const inputs = await readInputs(this.#host, inSession(project), options, sink);
    if (typeof inputs !== 'object') return namedInSession(sink);
    const running = new Running(this.#host, inputs, this.#tell);
    const { session } = running.run;
    this.#snapshots = await Snapshots.of(this.#host, session, inputs, { program: this.#program });
    if (saved !== undefined) {
      writeFile(this.#host, `/${SAVED_RUN}`, saved);
      if (!this.#snapshots.resume(`/${SAVED_RUN}`, sink)) return namedInSession(sink);
    }
    this.#running = running;
    void running.go();
    return namedInSession(sink);
  }

  /** The run as it is, for {@link boot}. */
  saveRun(): Uint8Array {
    if (this.#snapshots === undefined) throw new Refusal('nothing runs');
    this.#snapshots.save(`/${SAVED_RUN}`);
    return this.#host.files.read(`/${SAVED_RUN}`);
  }

  get running(): Running | undefined {
    return this.#running;
  }

  stop(): void {
    this.#running?.stop();
    this.#running = undefined;
    this.#snapshots = undefined;
  }
}

/** What `run` would be told of a description by flags. */
function flagsOf({ dtb, images = {} }: Extract<Begun['subject'], { kind: 'description' }>): RunRequest {
  const named = (path: string | undefined) => (path === undefined ? [] : [inSession(path)]);
  return {
    ...(dtb === undefined ? {} : { dtb: inSession(dtb) }),
    kernel: named(images.kernel),
    initrd: named(images.initrd),
    guestDtb: named(images.guestDtb),
  };
}

function isText(content: Uint8Array): boolean {
  return !content.subarray(0, 4096).includes(0);
}

/** As the list of files has it: a planned project's without where the project lies. */
function shownName(file: string): string {
  const name = sessionName(file);
  return name.startsWith(`${PROJECT}/`) ? name.slice(PROJECT.length + 1) : name;
}

function writtenFile({ path, content }: ProjectFile): WrittenFile {
  if (typeof content !== 'string') return { path, sizeBytes: content.length };
  return { path, text: content, sizeBytes: new TextEncoder().encode(content).length };
}

/** Positions as the session's files are called. */
function namedInSession(sink: DiagnosticSink): readonly Diagnostic[] {
  return sink
    .sorted()
    .map((found) =>
      found.position === undefined
        ? found
        : { ...found, position: { ...found.position, file: sessionName(found.position.file) } },
    );
}
