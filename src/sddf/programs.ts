/** The programs that come with drivervm, by the name of their image: what a description finds without a file beside it. */
import type { ProgramFactory } from '../sel4/index.ts';
import { type ComponentImage, imageName, type NativeDriverImage } from '../sharing/index.ts';
import * as images from './images.ts';
import type { ProgramMaker, ProgramResources } from './program-resources.ts';

/** One for each image that the tables of `sharing` name. */
const PROGRAMS: Readonly<Record<ComponentImage | NativeDriverImage, ProgramMaker>> = images;

/** `undefined` where no built-in program has that name, or where it lacks what the host would give. */
export function builtInProgram(
  image: string,
  pd: string,
  resources: ProgramResources = {},
): ProgramFactory | undefined {
  const name = imageName(image);
  return isBuiltIn(name) ? PROGRAMS[name](pd, resources) : undefined;
}

/** Whether a program of that image's name comes with drivervm. */
export function isBuiltIn(name: string): name is keyof typeof PROGRAMS {
  return Object.hasOwn(PROGRAMS, name);
}
