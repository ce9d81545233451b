/** What may be wrong with a program that is to be built for seL4. */
import { declareDiagnostics, diagnostic, MIB } from '../base/index.ts';

/** What `drivervm bundle` and `run --engine` say of programs. */
export const embeddedCodes = declareDiagnostics('embedded', {
  'no-such-program': diagnostic<{ program: string; programs: readonly string[] }>({
    severity: 'error',
    message: ({ program }) => `no protection domain has the program "${program}"`,
    hint: ({ programs }) => `the description names ${programs.join(', ') || 'none'}`,
    explanation:
      'A program is built for one protection domain: its regions, its vCPUs and its symbols go into it.',
  }),
  'no-source': diagnostic<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `there is no program in TypeScript or JavaScript at ${path}`,
    hint: () =>
      'beside the description, "drivervm plan" writes a monitor; or name the directory with --search-path',
    explanation: 'What is named NAME.elf in a description is NAME.ts, NAME.js or NAME.mjs beside it.',
  }),
  'not-bundled': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `it can't be made one script: ${reason}`,
    explanation:
      "A program and all that it imports become one script. On seL4 there is nothing to load modules from, and none of Node's own.",
  }),
  'sddf-queues': diagnostic<{ program: string; domains: readonly string[] }>({
    severity: 'error',
    message: ({ program, domains }) =>
      `${program} shares memory with ${domains.join(', ')}, which ${domains.length === 1 ? 'runs a program' : 'run programs'} of sDDF's`,
    hint: () =>
      'take the description that is named .run.system, as "make VMM=ts" does, or build the monitors in C',
    explanation:
      "Programs in TypeScript have their queues laid out otherwise than sDDF's (docs/shared-queues.md): the two can't share a device.",
  }),
  'no-engine': diagnostic<{ name: string; version: string }>({
    severity: 'error',
    message: ({ name, version }) => `the engine is not there: version ${version} of the package ${name}`,
    hint: () => 'install drivervm with its dependencies, as "npm install" or "npm ci" do',
    explanation:
      'The engine, QuickJS-ng as WebAssembly, comes as a package beside drivervm, in exactly one version. Without --engine it is not needed.',
  }),
  'too-much-ram': diagnostic<{ ramBytes: number }>({
    severity: 'error',
    message: ({ ramBytes }) =>
      `${Math.ceil(ramBytes / MIB)} MiB of memory regions are too much for --engine quickjs`,
    hint: () => 'give the guests less RAM, or run without --engine',
    explanation:
      'The engine lies in one memory with all memory regions, so that programs have them mapped, and is built for 2 GiB at most.',
  }),
  'not-in-engine': diagnostic<{ what: string; why: string }>({
    severity: 'error',
    message: ({ what, why }) => `${what} does not go with --engine quickjs: ${why}`,
    explanation:
      'A program in the engine has what it would have on seL4, and nothing that is made for a run alone.',
  }),
});
