/**
 * Projects in a host's files: requests planned, projects written and read back, and everything that a run is made of. A
 * program that imports drivervm needs little else.
 */
export { readPlan, readProject, writeProject } from '../project/index.ts';
export { type Capture, openCapture } from './capture.ts';
export {
  boardReader,
  type CheckGiven,
  type ReadBoard,
  readCheckOptions,
} from './check-inputs.ts';
export { CoverageFile } from './coverage.ts';
export { hostCodes } from './diagnostics.ts';
export { type OpenDisks, openDisks, parseDisk } from './disks.ts';
export { domainScript, programEntry } from './domain-script.ts';
export { TranslationFile } from './kept-translations.ts';
export { measurePayloads } from './measure-payloads.ts';
export { memoryHost } from './memory-host.ts';
export {
  type PlannedProject,
  type PlanningOptions,
  type PlanReaders,
  planOf,
  planRequest,
} from './plan-request.ts';
export { ProgramModules } from './program-modules.ts';
export { loadProgram, programFile } from './programs.ts';
export { type DescriptionOptions, descriptionReading, type SourceOptions, sourceReading } from './reading.ts';
export { ROOMS } from './rooms.ts';
export { Run } from './run.ts';
export { type CommandWord, RunCommands } from './run-commands.ts';
export { type RunInputs, readInputs } from './run-inputs.ts';
export { RunReport } from './run-report.ts';
export { CLOCKS, ENGINES, MONITOR_LIBRARIES, type MonitorLibrary, type RunRequest } from './run-request.ts';
export { type FoundSettings, findSettings } from './settings/find.ts';
export { readSettings, SETTINGS_FILE, type Settings, settingsSchema } from './settings/settings.ts';
export { NO_OPTIONS, type SharedOptions, sharedOptionsOf } from './shared-options.ts';
export { type OpenShare, openShares, parseShare, type ShareRequest } from './shares.ts';
export { Snapshots, type SnapshotsOptions } from './snapshots.ts';
export { openTraceFile, type TraceFile } from './trace-file.ts';
