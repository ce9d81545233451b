/** Projects: from a plan to the files of a Microkit project. */
export { projectCodes } from './diagnostics.ts';
export { madeImageFile, PLAN_FILE } from './file-names.ts';
export { makefileText } from './makefile.ts';
export { overlayText } from './overlay.ts';
export { type ProjectFile, projectFiles } from './project.ts';
export { readPlan } from './read-plan.ts';
export {
  type Project,
  type ProjectDisk,
  type ProjectGuest,
  projectDirectory,
  readProject,
} from './read-project.ts';
export { readmeText } from './readme.ts';
export {
  type FileStep,
  hashOf,
  type ProjectRecord,
  RECORD_PATH,
  readRecord,
  recordText,
  stepsFor,
} from './record.ts';
export { describeSystem, systemText } from './system.ts';
export { vmmCText } from './vmm-c.ts';
export { vmmTsText } from './vmm-ts.ts';
export { type ProjectDirectory, writeProject } from './write-project.ts';
