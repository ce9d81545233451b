/** What of the monitor is compiled: `runtime/sel4/answers.c` and its header. */
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FAULT_LAYOUT } from '../src/vmm/direct/state.ts';
import { VGIC_LAYOUT } from '../src/vmm/vgic/state.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { headerText, sourceText, type Unit } from './print-unit.ts';
import { type Module, readCalls, readModule, type StateKind } from './subset.ts';

const MODULES = [
  'vgic/interrupts',
  'vgic/fields',
  'vgic/distributor-v2',
  'vgic/distributor-v3',
  'vgic/redistributor',
  'vgic/frames',
  'vgic/lines',
  'smc-answers',
  'direct/answers',
];
const ENTRY = /^answers[A-Z]\w*(?<!At|Smc)$/;
const COMMENT =
  'Made by "npm run compiled" of the modules below src/vmm/ that say so: what is to be changed is changed there.';

/** The unit, its constants' values as the built modules have them. */
async function answersUnit(): Promise<Unit> {
  const source = (path: string): string => join(PROJECT_ROOT, 'src/vmm', path);
  const states: readonly StateKind[] = [
    {
      type: 'VgicState',
      variable: 'vgic',
      layout: VGIC_LAYOUT,
      calls: readCalls(source('vgic/state.ts'), 'VgicCalls'),
    },
    {
      type: 'FaultState',
      variable: 'faults',
      layout: FAULT_LAYOUT,
      calls: readCalls(source('direct/state.ts'), 'FaultCalls'),
    },
  ];
  const modules = MODULES.map((path) => readModule(source(`${path}.ts`), states));
  const values = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { path, imports } of modules) {
    for (const { from } of imports) {
      const file = builtFile(path, from);
      if (!values.has(file)) values.set(file, await import(pathToFileURL(file).href));
    }
  }
  const names = modules.flatMap(({ functions }) => functions.map(({ name }) => name));
  return {
    header: 'answers.h',
    comment: COMMENT,
    modules,
    states,
    entries: new Set(names.filter((name) => ENTRY.test(name))),
    constant: (module: Module, name: string, from: string) =>
      values.get(builtFile(module.path, from))?.[name],
  };
}

function builtFile(path: string, from: string): string {
  const built = join(PROJECT_ROOT, 'dist', relative(PROJECT_ROOT, dirname(path)));
  return join(built, from).replace(/\.ts$/, '.js');
}

/** The files, by their paths in the project. */
export async function answersFiles(): Promise<Readonly<Record<string, string>>> {
  const unit = await answersUnit();
  return { 'runtime/sel4/answers.h': headerText(unit), 'runtime/sel4/answers.c': sourceText(unit) };
}
