/** Running a system on the simulated board: the session, what it records, and the account of it. */
export * from './account.ts';
export * from './console/index.ts';
export * from './diagnose.ts';
export { type GuestAccess, runCodes } from './diagnostics.ts';
export * from './drive.ts';
export * from './pc-names.ts';
export * from './record.ts';
export { type PlannedGuest, selectorOf } from './remedies.ts';
export * from './session.ts';
export { fitsSnapshot, readSnapshot, writeSnapshot } from './snapshot.ts';
export * from './standard-monitor.ts';
export { StandardVirtio } from './standard-virtio.ts';
export * from './vcpus.ts';
