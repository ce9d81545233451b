/** A tree with what its loader does to it: overlays above all. What is not done is reported, and why. */
import { DiagnosticSink } from '../../base/index.ts';
import { type DeviceTree, parameterNames, parseParameters } from '../../devicetree/index.ts';
import type { TreeStep } from '../boot/entry.ts';
import { applyTreeStep } from '../boot/tree-steps.ts';
import type { ByteSource } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { openPath } from '../filesystem/tree.ts';
import type { ChosenStep, FoundFile, FoundTree } from './findings.ts';
import { readTree } from './world.ts';

/** One change, for the report. */
export interface TreeChange {
  /** An overlay's place; else what is done, in words. */
  readonly what: string;
  readonly kind: TreeStep['kind'];
  readonly parameters: string | undefined;
  readonly isApplied: boolean;
}

export interface ChangedTree {
  /** `undefined` where nothing was changed. */
  readonly tree: DeviceTree | undefined;
  readonly changes: readonly TreeChange[];
}

/** @param content the tree as it lies in the source; none where none was chosen */
export function changeTree(
  content: ByteSource | undefined,
  steps: readonly ChosenStep[],
  configuration: string,
  sink: DiagnosticSink,
): ChangedTree {
  if (steps.length === 0) return { tree: undefined, changes: [] };
  const position = { file: configuration };
  let tree = readTree(content);
  let isChanged = false;
  const changes: TreeChange[] = [];
  for (const { step, file } of steps) {
    const what = describe(step, file);
    const parameters = 'parameters' in step ? step.parameters : undefined;
    let isApplied = false;
    if (tree !== undefined && !(step.kind === 'overlay' && file === undefined)) {
      const [result, reason] = applied(tree, step, file);
      if (result !== undefined) {
        tree = result;
        isChanged = true;
        isApplied = true;
      }
      if (reason !== undefined) sink.report(payloadCodes['tree-step-refused'].at(position, { what, reason }));
    }
    changes.push({ what, kind: step.kind, parameters, isApplied });
  }
  if (tree === undefined) {
    const names = changes.map((change) => change.what).join(', ');
    sink.report(payloadCodes['tree-steps-left'].at(position, { names }));
  }
  return { tree: isChanged ? tree : undefined, changes };
}

/** The tree with the step done, and what can be said against it. Parameters that are unknown are left out, as on the board. */
function applied(
  tree: DeviceTree,
  step: TreeStep,
  file: FoundFile | undefined,
): readonly [DeviceTree | undefined, string | undefined] {
  const overlayTree = file === undefined ? undefined : readTree(contentOf(file));
  if (step.kind === 'overlay' && overlayTree === undefined) return [undefined, 'it is no device tree'];
  let given = step;
  let unknown: readonly string[] = [];
  if ('parameters' in step && step.parameters !== undefined) {
    const known = new Set(
      [tree, overlayTree].flatMap((each) => (each === undefined ? [] : parameterNames(each.root))),
    );
    const all = parseParameters(step.parameters);
    unknown = all.map(({ name }) => name).filter((name) => !known.has(name));
    const kept = all.filter(({ name }) => known.has(name)).map(({ name, value }) => `${name}=${value}`);
    given = { ...step, parameters: kept.join(',') };
    if (step.kind === 'parameters' && kept.length === 0) return [undefined, unknownReason(unknown)];
  }
  const scratch = new DiagnosticSink();
  const result = applyTreeStep(tree, given, () => overlayTree, scratch);
  const [problem] = scratch.sorted().filter(({ severity }) => severity === 'error');
  if (result === undefined) return [undefined, problem?.message ?? 'there is nothing at its path'];
  return [result, unknown.length === 0 ? undefined : unknownReason(unknown)];
}

function unknownReason(names: readonly string[]): string {
  return `there is no parameter ${names.join(', ')}`;
}

function contentOf(file: FoundTree): ByteSource | undefined {
  return file.content ?? openPath(file.volume.system, file.path);
}

function describe(step: TreeStep, file: FoundFile | undefined): string {
  switch (step.kind) {
    case 'overlay':
      return file === undefined ? step.file.path : `${file.volume.name}: ${file.path}`;
    case 'parameters':
      return `dtparam=${step.parameters}`;
    case 'set':
      return `fdt set ${step.path} ${[step.property, ...step.words].join(' ')}`;
    case 'make':
      return `fdt mknode ${step.path} ${step.name}`;
    case 'remove':
      return `fdt rm ${step.path}${step.property === undefined ? '' : ` ${step.property}`}`;
  }
}
