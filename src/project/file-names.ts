/** What the files of a project are called, for who writes them and who reads them. */

/** The plan, for programs. */
export const PLAN_FILE = 'plan.json';
export const MAKEFILE = 'Makefile';
export const README_FILE = 'README.md';

/** What `drivervm run` reads: the same file, or one of its own where guests have virtio devices. */
export const runSystemFile = (plan: { readonly name: string; readonly sddf?: unknown }): string =>
  plan.sddf === undefined ? systemFile(plan) : `${plan.name}.run.system`;
export const systemFile = ({ name }: { readonly name: string }): string => `${name}.system`;

interface Guest {
  readonly name: string;
  readonly monitor: { readonly program: string };
}

export const monitorFile = ({ monitor }: Guest, ending: 'c' | 'ts'): string => `${monitor.program}.${ending}`;
/** The Image that was made of a kernel that is none. */
export const madeImageFile = ({ name }: { readonly name: string }): string => `${name}.Image`;
export const guestTreeFile = ({ name }: Guest, ending: 'dts' | 'dtb' | 'overlay.dts'): string =>
  `${name}.${ending}`;
