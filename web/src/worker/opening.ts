/** Opening: finds out what was given, whatever it is, and begins a session with it. */
import { DiagnosticSink, formatDiagnostic, type Host, Refusal } from '../../../src/base/index.ts';
import { type Board, isDtb, readDeviceTree, resolveTree } from '../../../src/devicetree/index.ts';
import { extractPayload } from '../../../src/payload/index.ts';
import { microkitNameOf } from '../../../src/plan/index.ts';
import { PLAN_FILE } from '../../../src/project/index.ts';
import { liveTreeIn } from './live-tree-archive.ts';
import { newRequest } from './new-request.ts';
import type { PayloadFiles } from './payload-files.ts';
import type { GivenFile } from './protocol.ts';
import { clearSession, inSession, PAYLOAD, sessionName, unzipped, writeFile } from './session-files.ts';

/** What a session is about: a request that is planned, or a description that is checked as it stands. */
export type Subject =
  | { readonly kind: 'request'; readonly path: string }
  | {
      readonly kind: 'description';
      readonly path: string;
      /** The project that it is of, where it has a plan. */
      readonly project?: string;
      /** The board's tree, where one was given beside it. */
      readonly dtb?: string;
      /** What its guests boot, where that was. */
      readonly images?: GuestImages;
    };

/** Images that were given, by what they are called. */
export interface GuestImages {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly guestDtb?: string;
}

/** A session that was begun. Paths are the session's own. */
export interface Begun {
  readonly title: string;
  readonly subject: Subject;
  /** Where device tree sources find what they include. */
  readonly include: readonly string[];
}

const REQUEST = 'request.yaml';
const SESSION_FILE = 'session.json';
const EXTRACTED = 'extracted';
const LIVE_TREE = 'device-tree';

/** What a session's own file says of it. */
interface SessionRecord {
  readonly title: string;
  readonly subject: Subject;
}

/** Begins sessions. */
export class Opening {
  readonly #host: Host;
  readonly #payload: PayloadFiles;

  constructor(host: Host, payload: PayloadFiles) {
    this.#host = host;
    this.#payload = payload;
  }

  /** A board of the payload. */
  async payloadBoard(path: string): Promise<Begun> {
    clearSession(this.#host);
    await this.#bring(path);
    return this.#beginWithTree(`${PAYLOAD}/${path}`, [], {});
  }

  /** Whatever a person has dropped or chosen. */
  async given(all: readonly GivenFile[]): Promise<Begun> {
    const files = withoutCommonFolder(
      all.flatMap((each) => (isZipped(each.content) ? unzipped(each) : [each])),
    );
    if (files.length === 0) throw new Refusal('there are no files in it');
    clearSession(this.#host);
    for (const { path, content } of files) writeFile(this.#host, inSession(path), content);
    const names = files.map(({ path }) => path);
    const include = includeDirectories(names);
    if (names.includes(SESSION_FILE)) return { ...(await this.#again()), include };
    const request = names.find((name) => /\.ya?ml$/.test(name) && this.#isRequest(name));
    if (request !== undefined) {
      await this.#bringWhatIsNamed(request);
      return { title: titleOf(request), subject: { kind: 'request', path: request }, include };
    }
    return (await this.#description(names, include)) ?? (await this.#tree(names, include));
  }

  async #again(): Promise<Omit<Begun, 'include'>> {
    const text = new TextDecoder().decode(this.#host.files.read(inSession(SESSION_FILE)));
    const { title, subject } = JSON.parse(text) as SessionRecord;
    if (subject?.kind === 'request') await this.#bringWhatIsNamed(subject.path);
    return { title, subject };
  }

  #isRequest(name: string): boolean {
    return /^board\s*:/m.test(new TextDecoder().decode(this.#host.files.read(inSession(name))));
  }

  /** What a request names of a payload and was not given: fetched, where there is such a payload. */
  async #bringWhatIsNamed(request: string): Promise<void> {
    const text = new TextDecoder().decode(this.#host.files.read(inSession(request)));
    const { boards = [], kernel, initrd } = this.#payload.index ?? {};
    for (const each of [kernel, initrd, ...boards])
      if (each !== undefined && text.includes(`${PAYLOAD}/${each.path}`)) await this.#bring(each.path);
  }

  async #description(names: readonly string[], include: readonly string[]): Promise<Begun | undefined> {
    const path = names.find((name) => name.endsWith('.system'));
    if (path === undefined) return undefined;
    const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    const plan = directory === '' ? PLAN_FILE : `${directory}/${PLAN_FILE}`;
    const trees = names.filter((name) => name.endsWith('.dtb') || name.endsWith('.dts'));
    const dtb = trees.find((name) => this.#isBoard(name)) ?? trees[0];
    const guestDtb = trees.find((name) => name !== dtb && !this.#isBoard(name));
    const images = { ...imagesIn(names), ...(guestDtb === undefined ? {} : { guestDtb }) };
    const project = names.includes(plan) ? { project: directory } : {};
    const board = dtb === undefined ? {} : { dtb };
    const subject = { kind: 'description', path, ...project, ...board, images } as const;
    return { title: titleOf(path), subject, include };
  }

  /** Guests' trees have no memory but their own, and come from `plan` under other names. */
  #isBoard(name: string): boolean {
    return !/(?:^|\/)(?:linux|guest|vm)[^/]*\.dt[bs]$/.test(name);
  }

  async #tree(names: readonly string[], include: readonly string[]): Promise<Begun> {
    const dtb = names.find((name) => isDtb(this.#host.files.read(inSession(name))));
    const source = names.find((name) => name.endsWith('.dts'));
    const tree = dtb ?? source;
    const images = imagesIn(names);
    if (tree !== undefined) return this.#beginWithTree(tree, include, images);
    const live = names.find((name) => name.endsWith('#address-cells'));
    if (live !== undefined) {
      const root = names
        .map((name) => name.split('/').slice(0, -1).join('/'))
        .sort((a, b) => a.length - b.length)[0];
      return this.#beginWithTree(root ?? '', include, images);
    }
    return this.#extracted(names[0] ?? '', include);
  }

  /** A disk image, a board's archive: what it boots. */
  async #extracted(source: string, include: readonly string[]): Promise<Begun> {
    const sink = new DiagnosticSink();
    const request = { source: inSession(source), outputDirectory: inSession(EXTRACTED) };
    const report = await extractPayload(this.#host, request, sink);
    const { kernel, initrd } = report?.written ?? {};
    const dtb = report?.written['dtb'] ?? report?.written['liveDtb'];
    if (dtb === undefined) {
      const live = await liveTreeIn({ path: source, content: this.#host.files.read(inSession(source)) });
      if (live !== undefined) {
        for (const { path, content } of live)
          writeFile(this.#host, inSession(`${LIVE_TREE}/${path}`), content);
        return this.#beginWithTree(LIVE_TREE, include, {});
      }
      const [first] = sink.sorted();
      throw new Refusal(
        `${source}: no device tree was found in it${first === undefined ? '' : `; ${formatDiagnostic(first)}`}`,
      );
    }
    return this.#beginWithTree(sessionName(dtb), include, {
      ...(kernel === undefined ? {} : { kernel: sessionName(kernel) }),
      ...(initrd === undefined ? {} : { initrd: sessionName(initrd) }),
    });
  }

  /** Everything that a tree's board has, with the images that there are. */
  async #beginWithTree(
    dtb: string,
    include: readonly string[],
    given: { readonly kernel?: string; readonly initrd?: string },
  ): Promise<Begun> {
    const board = this.#board(dtb, include);
    const images = given.kernel === undefined ? { ...(await this.#payloadImages()), ...given } : given;
    const microkit = microkitNameOf(board);
    const text = newRequest({ dtb, ...(microkit === undefined ? {} : { microkit }), ...images });
    writeFile(this.#host, inSession(REQUEST), text);
    return { title: board.model ?? titleOf(dtb), subject: { kind: 'request', path: REQUEST }, include };
  }

  #board(dtb: string, include: readonly string[]): Board {
    const sink = new DiagnosticSink();
    const options = { includeDirectories: include.map(inSession) };
    const found = readDeviceTree(this.#host.files, inSession(dtb), options, sink);
    const [first] = sink.sorted();
    if (found === undefined)
      throw new Refusal(first === undefined ? `${dtb} is no device tree` : formatDiagnostic(first));
    return resolveTree(found.tree);
  }

  async #payloadImages(): Promise<{ readonly kernel?: string; readonly initrd?: string }> {
    const { kernel, initrd } = this.#payload.index ?? {};
    for (const each of [kernel, initrd]) if (each !== undefined) await this.#bring(each.path);
    return {
      ...(kernel === undefined ? {} : { kernel: `${PAYLOAD}/${kernel.path}` }),
      ...(initrd === undefined ? {} : { initrd: `${PAYLOAD}/${initrd.path}` }),
    };
  }

  async #bring(path: string): Promise<void> {
    const target = inSession(`${PAYLOAD}/${path}`);
    if (this.#host.files.status(target) === undefined)
      writeFile(this.#host, target, await this.#payload.fetch(path));
  }
}

/** What a session's file has beside its files. */
export function sessionRecord(title: string, subject: Subject): GivenFile {
  const record: SessionRecord = { title, subject };
  return { path: SESSION_FILE, content: new TextEncoder().encode(JSON.stringify(record, null, 2)) };
}

function imagesIn(names: readonly string[]): Pick<GuestImages, 'kernel' | 'initrd'> {
  const kernel = names.find((name) => /(?:^|\/)(?:Image|vmlinuz)[^/]*$/.test(name));
  const initrd = names.find((name) => /(?:^|\/)(?:initrd|initramfs)[^/]*$/.test(name));
  return { ...(kernel === undefined ? {} : { kernel }), ...(initrd === undefined ? {} : { initrd }) };
}

function isZipped(content: Uint8Array): boolean {
  return content[0] === 0x50 && content[1] === 0x4b && content[2] === 3 && content[3] === 4;
}

/** A folder that holds everything says nothing. */
function withoutCommonFolder(files: readonly GivenFile[]): readonly GivenFile[] {
  const [first] = files;
  const folder = first?.path.includes('/') === true ? first.path.slice(0, first.path.indexOf('/') + 1) : '';
  if (folder === '' || !files.every(({ path }) => path.startsWith(folder))) return files;
  return files.map(({ path, content }) => ({ path: path.slice(folder.length), content }));
}

/** Where sources and headers lie, and every `include` on the way to one. */
function includeDirectories(names: readonly string[]): readonly string[] {
  const directories = new Set<string>();
  for (const name of names.filter((each) => /\.(?:dtsi|dts|h)$/.test(each))) {
    const parts = name.split('/').slice(0, -1);
    directories.add(parts.join('/'));
    for (const [at, part] of parts.entries())
      if (part === 'include') directories.add(parts.slice(0, at + 1).join('/'));
  }
  return [...directories];
}

function titleOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
