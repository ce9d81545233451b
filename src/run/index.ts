/** Running a system on the simulated board: the session, what it records, and the account of it. */
export * from './record.ts';
export * from './session.ts';
export * from './standard-monitor.ts';
