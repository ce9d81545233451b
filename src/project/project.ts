/** A project: the files of a plan, by name, as text or bytes. Pure; the command line writes them. */
import { type DeviceTree, printDts, writeDtb } from '../devicetree/index.ts';
import { applyEdits, type GuestPlan, type Plan } from '../plan/index.ts';
import {
  guestTreeFile,
  MAKEFILE,
  monitorFile,
  PLAN_FILE,
  README_FILE,
  runSystemFile,
  systemFile,
} from './file-names.ts';
import { blockComment, headerLines } from './header.ts';
import { makefileText } from './makefile.ts';
import { overlayText } from './overlay.ts';
import { readmeText } from './readme.ts';
import { configurationFiles } from './sddf/configuration-c.ts';
import { systemText } from './system.ts';
import { VGIC_HEADER, vgicHeaderText } from './vgic-header.ts';
import { vmmCText } from './vmm-c.ts';
import { vmmTsText } from './vmm-ts.ts';

/** A file of a project: its path in the directory, and its content. */
export interface ProjectFile {
  /** Relative to the project's directory, without subdirectories. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Every file of the project. `tree` is the board's, the one that the plan was made from. */
export function projectFiles(plan: Plan, tree: DeviceTree): readonly ProjectFile[] {
  return [
    {
      path: systemFile(plan),
      content: systemText(plan, headerLines(plan, `System description of "${plan.name}" for Microkit 2.3.`)),
    },
    ...(plan.sddf === undefined ? [] : [runSystem(plan)]),
    ...plan.guests.flatMap((guest) => guestFiles(plan, guest, tree)),
    ...configurationFiles(plan),
    { path: MAKEFILE, content: makefileText(plan) },
    ...(plan.board.libvmm ? [] : [{ path: VGIC_HEADER, content: vgicHeaderText(plan) }]),
    { path: README_FILE, content: readmeText(plan) },
    { path: PLAN_FILE, content: `${JSON.stringify(plan, null, 2)}\n` },
  ];
}

function runSystem(plan: Plan): ProjectFile {
  const header = headerLines(plan, `System description of "${plan.name}" for "drivervm run".`);
  return { path: runSystemFile(plan), content: systemText(plan, header, 'run') };
}

function guestFiles(plan: Plan, guest: GuestPlan, tree: DeviceTree): readonly ProjectFile[] {
  const own = applyEdits(tree, guest.edits);
  const header = headerLines(plan, `Device tree of the guest "${guest.name}".`);
  return [
    { path: monitorFile(guest, 'c'), content: vmmCText(plan, guest) },
    { path: monitorFile(guest, 'ts'), content: vmmTsText(plan, guest) },
    { path: guestTreeFile(guest, 'dts'), content: `${blockComment(header)}\n${printDts(own)}` },
    { path: guestTreeFile(guest, 'dtb'), content: writeDtb(own) },
    { path: guestTreeFile(guest, 'overlay.dts'), content: overlayText(plan, guest) },
  ];
}
