/** Which device tree a payload gets: the one asked for, the one that is booted with, or none. */
import type { DiagnosticSink } from '../../base/index.ts';
import { type ByteSource, equalBytes } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { openPath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { Findings, FoundConfiguration, FoundEntry, FoundKernel, FoundTree } from './findings.ts';
import { filesNamed, sameFile } from './places.ts';
import { whatInsteadOfTree } from './unread-tree.ts';

export interface TreeChoice {
  readonly tree: FoundTree;
  readonly content: ByteSource;
  /** `named` by the configuration, `asked` for, or the `only` one there is. */
  readonly why: 'named' | 'asked' | 'only';
  /** Asked for, it does not lie in the directory from which the loader lets the board choose. */
  readonly isOutsideDirectory?: boolean;
}

interface Circumstances {
  readonly kernel: FoundKernel;
  readonly entry: FoundEntry | undefined;
  readonly configuration: FoundConfiguration | undefined;
  readonly hasLiveTree: boolean;
}

/** `unread`, which the sink explains: what is named as the tree is none. */
export function chooseTree(
  volumes: readonly Volume[],
  found: Findings,
  wanted: string | undefined,
  { kernel, entry, configuration, hasLiveTree }: Circumstances,
  sink: DiagnosticSink,
): TreeChoice | 'unread' | undefined {
  const chosen = (tree: FoundTree | undefined, why: TreeChoice['why']): TreeChoice | 'unread' | undefined => {
    const content = tree?.content ?? (tree && openPath(tree.volume.system, tree.path));
    if (tree === undefined || content === undefined) return undefined;
    const what = whatInsteadOfTree(content);
    if (what === undefined) return { tree, content, why };
    const isByEntry = why === 'named' && entry !== undefined;
    const position = isByEntry
      ? `${entry.volume.name}: ${entry.entry.file}`
      : `${tree.volume.name}: ${tree.path}`;
    const path = tree.content?.path ?? tree.path;
    sink.report(payloadCodes['tree-unread'].at({ file: position }, { path, what }));
    return 'unread';
  };
  const inDirectory = treesInDirectory(volumes, found, entry);
  if (wanted !== undefined) {
    const named = ({ path }: FoundTree): boolean => path === wanted || path.endsWith(`/${wanted}`);
    const count = found.trees.length;
    const tree = pickWanted(found.trees.filter(named), inDirectory, { kernel, entry }, wanted, count, sink);
    const choice = chosen(tree, 'asked');
    const isOutsideDirectory =
      tree !== undefined && entry?.entry.dtbDirectory !== undefined && !inDirectory.includes(tree);
    return choice === undefined || choice === 'unread' ? choice : { ...choice, isOutsideDirectory };
  }
  if (entry?.entry.hasNoTree === true) return undefined;
  const file = entry?.entry.dtb;
  if (entry !== undefined && file !== undefined) {
    const byEntry =
      found.trees.find((tree) => sameFile(volumes, entry, file, tree)) ?? filesNamed(volumes, entry, file)[0];
    if (byEntry !== undefined) return chosen(byEntry, 'named');
  }
  const [ofBundle] = configuration?.trees ?? [];
  if (ofBundle !== undefined) return chosen(ofBundle, 'named');
  const candidates = entry?.entry.dtbDirectory === undefined ? found.trees : inDirectory;
  const isNamedAndGone = file !== undefined;
  if (candidates.length === 1 && !isNamedAndGone) return chosen(candidates[0], 'only');
  if (found.trees.length > 0 && !hasLiveTree) {
    sink.report(
      payloadCodes['dtb-not-chosen'].at(undefined, { count: candidates.length || found.trees.length }),
    );
  }
  return undefined;
}

/** Trees below the directory from which the loader lets the board choose. */
function treesInDirectory(
  volumes: readonly Volume[],
  found: Findings,
  entry: FoundEntry | undefined,
): readonly FoundTree[] {
  const directory = entry?.entry.dtbDirectory;
  if (entry === undefined || directory === undefined) return [];
  const isBelow = (tree: FoundTree): boolean => {
    // Through links, as Armbian's dtb -> dtb-6.6.16: the file at the same place below the directory is the same.
    const parts = tree.path.split('/');
    return parts.some((_, index) => {
      const file = { ...directory, path: `${directory.path}/${parts.slice(index).join('/')}` };
      return (
        index > 0 &&
        filesNamed(volumes, entry, file).some((each) => each.volume === tree.volume && isSame(each, tree))
      );
    });
  };
  return found.trees.filter(isBelow);
}

function isSame(a: FoundTree, b: FoundTree): boolean {
  const [left, right] = [openPath(a.volume.system, a.path), openPath(b.volume.system, b.path)];
  if (left === undefined || right === undefined || left.sizeBytes !== right.sizeBytes) return false;
  return equalBytes(left.read(0, left.sizeBytes), right.read(0, right.sizeBytes));
}

/** Two kernels may each have a tree of one name: the one from the booted directory, or of the kernel's own release. */
function pickWanted(
  named: readonly FoundTree[],
  inDirectory: readonly FoundTree[],
  { kernel, entry }: Pick<Circumstances, 'kernel' | 'entry'>,
  wanted: string,
  count: number,
  sink: DiagnosticSink,
): FoundTree | undefined {
  if (named.length === 0) {
    sink.report(payloadCodes['dtb-not-found'].at(undefined, { wanted, count }));
    return undefined;
  }
  const { release } = kernel.image;
  const closest =
    named.find((tree) => inDirectory.includes(tree)) ??
    // The Raspberry Pi's firmware takes it from where its configuration lies.
    named.find(({ volume }) => entry?.entry.loader === 'raspberry-pi' && volume === entry.volume) ??
    named.find(({ path }) => release !== undefined && path.split('/').some((part) => part.endsWith(release)));
  const [first] = named;
  if (closest === undefined && first !== undefined && named.some((tree) => !isSame(tree, first))) {
    const paths = named.map(({ volume, path }) => `${volume.name}: ${path}`).join(', ');
    sink.report(payloadCodes['dtb-ambiguous'].at(undefined, { wanted, paths, taken: first.path }));
  }
  return closest ?? first;
}
