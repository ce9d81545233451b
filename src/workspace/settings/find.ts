/** What a description is checked with where nobody says it: by `drivervm.yaml`, or by the plan that drivervm wrote it from. */
import { DiagnosticSink, type HostFiles } from '../../base/index.ts';
import { PLAN_FILE, type Project, readProject } from '../../project/index.ts';
import type { CheckGiven } from '../check-inputs.ts';
import { readSettings, SETTINGS_FILE, type Settings } from './settings.ts';

/** What was found beside a description or above it. */
export interface FoundSettings {
  /** The file that says it: settings, or a project's plan. */
  readonly from: string;
  readonly given: CheckGiven;
}

/** No tree of sources is deeper. */
const LEVELS_MAX = 64;

/**
 * The nearest file of settings, beside the description or above it; else the project that the description is of. `undefined` where there
 * is neither, or where what there is has errors, which are reported.
 */
export function findSettings(
  files: HostFiles,
  description: string,
  sink: DiagnosticSink,
): FoundSettings | undefined {
  const path = nearestSettings(files, files.dirname(description));
  if (path === undefined) return projectSettings(files, files.dirname(description));
  const settings = readSettings(new TextDecoder().decode(files.read(path)), path, sink);
  return settings && { from: path, given: givenBy(settings, files, files.dirname(path)) };
}

function nearestSettings(files: HostFiles, directory: string): string | undefined {
  let place = directory;
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const path = files.join(place, SETTINGS_FILE);
    if (files.status(path)?.kind === 'file') return path;
    // A relative path says nothing of what is above the host's own place.
    const above = place.startsWith('/') ? files.dirname(place) : files.join(place, '..');
    if (above === place) return undefined;
    place = above;
  }
  return undefined;
}

function givenBy(settings: Settings, files: HostFiles, directory: string): CheckGiven {
  const located = (path: string) => (path.startsWith('/') ? path : files.join(directory, path));
  const { board, config, sdk, dtb, define, dialect, cpp } = settings;
  const guests = settings['guest-dtb'];
  const guestTrees =
    typeof guests === 'string'
      ? [{ file: located(guests) }]
      : [...(guests ?? [])].map(([vm, file]) => ({ vm, file: located(file) }));
  return {
    ...(board === undefined ? {} : { board }),
    ...(config === undefined ? {} : { config }),
    ...(sdk === undefined ? {} : { sdk: located(sdk) }),
    ...(dtb === undefined ? {} : { dtb: located(dtb) }),
    ...(guests === undefined ? {} : { guestTrees }),
    ...(settings['search-path'] === undefined ? {} : { searchPath: settings['search-path'].map(located) }),
    ...(settings.include === undefined ? {} : { include: settings.include.map(located) }),
    ...(define === undefined ? {} : { define }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(cpp === undefined ? {} : { cpp }),
  };
}

/** A description that a plan was written to lies beside it. What is amiss with the plan is not the description's finding. */
function projectSettings(files: HostFiles, directory: string): FoundSettings | undefined {
  const from = files.join(directory, PLAN_FILE);
  if (files.status(from)?.kind !== 'file') return undefined;
  const project: Project | undefined = readProject(files, directory, new DiagnosticSink());
  if (project === undefined) return undefined;
  const { plan, boardTree, guests } = project;
  const guestTrees = guests.flatMap(({ vm, dtb }) =>
    files.status(dtb)?.kind === 'file' ? [{ vm, file: dtb }] : [],
  );
  return {
    from,
    given: {
      ...(plan.board.microkit === undefined ? {} : { board: plan.board.microkit }),
      ...(boardTree === undefined ? {} : { dtb: boardTree }),
      ...(guestTrees.length === 0 ? {} : { guestTrees }),
    },
  };
}
