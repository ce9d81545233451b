/**
 * Modules of programs that lie beside a description: TypeScript or JavaScript, run as they stand. The types are taken out
 * and imports become calls, so that `drivervm/ROOM` is this very installation and both sides see the same classes. (Node's
 * loader hooks would do too, but run on a thread of their own, whose start every run would wait for.)
 */
import { transform } from 'sucrase';
import type { Host, HostFiles } from '../base/index.ts';
import { ROOMS } from './rooms.ts';

type ProgramFiles = Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>;
type ModuleBody = (exports: Exports, require: (specifier: string) => unknown) => void;
type Exports = Record<string, unknown>;

const OUR_ROOM = /^drivervm\/([a-z0-9]+)$/;
/** How the file of a program in TypeScript or JavaScript may end, first come first taken. */
export const PROGRAM_ENDINGS = ['.ts', '.js', '.mjs'] as const;

/** Loads modules as programs of a run: each once, by its path. */
export class ProgramModules {
  readonly #files: ProgramFiles;
  readonly #modules: Host['modules'];
  readonly #rooms: Readonly<Record<string, object>>;
  readonly #loaded = new Map<string, Exports>();

  constructor(
    host: { readonly files: ProgramFiles; readonly modules?: Host['modules'] },
    rooms: Readonly<Record<string, object>> = ROOMS,
  ) {
    this.#rooms = rooms;
    this.#files = host.files;
    this.#modules = host.modules;
  }

  /** What the module at a path exports. Throws what the module, or reading it, throws. */
  load(path: string): Exports {
    const known = this.#loaded.get(path);
    if (known !== undefined) return known;
    const source = new TextDecoder().decode(this.#files.read(path));
    const { code } = transform(source, {
      transforms: ['typescript', 'imports'],
      disableESTransforms: true,
      filePath: path,
    });
    const exports: Exports = {};
    // Set before the module runs: modules may import each other in a circle.
    this.#loaded.set(path, exports);
    this.#compile(code, path)(exports, (specifier: string) => this.#import(specifier, path));
    return exports;
  }

  #compile(code: string, path: string): ModuleBody {
    if (this.#modules !== undefined) return this.#modules.compile(code, ['exports', 'require'], path);
    return new Function('exports', 'require', `${code}\n//# sourceURL=${path}`) as ModuleBody;
  }

  #import(specifier: string, from: string): unknown {
    const room = OUR_ROOM.exec(specifier)?.[1];
    if (room !== undefined) {
      const found = this.#rooms[room];
      if (found === undefined)
        throw new Error(`drivervm has no room "${room}": ${Object.keys(this.#rooms).join(', ')}`);
      return found;
    }
    if (!specifier.startsWith('.')) {
      if (this.#modules === undefined)
        throw new Error(`there is no package ${specifier} here, which ${from} imports`);
      return this.#modules.require(specifier, from);
    }
    const path = this.#files.join(this.#files.dirname(from), specifier);
    const candidates = [path, ...PROGRAM_ENDINGS.map((ending) => `${path}${ending}`)];
    const file = candidates.find((candidate) => this.#files.status(candidate)?.kind === 'file');
    if (file === undefined) throw new Error(`there is no ${path}, which ${from} imports`);
    return this.load(file);
  }
}
