/**
 * `docs/real-stack.md`: what real seL4, Microkit's tool and libvmm do that a description does not show, and what of drivervm answers to
 * each. Codes that are not declared and files that are not there fail the page.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { declaredCodes } from '../test/support/declared-codes.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

interface Kind {
  /** What happens on the real stack. */
  readonly there: string;
  readonly rules: readonly string[];
  /** What a plan and its project do about it. */
  readonly plan: string;
  /** What `run` shows. */
  readonly run: string;
  readonly tests: readonly string[];
}

const FIXTURES = (name: string): string => `test/fixtures/${name}.fixtures.ts`;

const KINDS: readonly Kind[] = [
  {
    there:
      'A guest that waits (WFI) never sleeps: seL4 traps it, libvmm resumes it, and nothing of lower priority on its core runs',
    rules: ['sdf/vm-starves', 'sdf/vm-over-monitor'],
    plan: 'virtual machines run below every domain',
    run: '`--monitor libvmm`: the guest keeps its turn, and who never ran is named (`run/starved`)',
    tests: [
      FIXTURES('sdf-machine'),
      FIXTURES('run'),
      'src/vmm/libvmm/monitor.test.ts',
      'src/plan/sddf/plan-sddf.test.ts',
    ],
  },
  {
    there:
      "Several vCPUs: each knows its number only in an `smp-` configuration; one that is on another core than its monitor can trip an assertion of seL4's",
    rules: ['sdf/vcpus-one-core', 'sdf/vcpu-other-core', 'sdf/cpu-range'],
    plan: 'all vCPUs on the core of their monitor, below it; libvmm writes VMPIDR_EL2 of each; the Makefile asks for `smp-debug`',
    run: 'vCPUs take turns as there; two and four of them are compared with seL4 line by line',
    tests: [FIXTURES('sdf-machine'), 'test/generated-c.test.ts', 'test/smp.test.ts', 'test/real/projects.ts'],
  },
  {
    there:
      'The initial task lies after the kernel, its objects at the end of the highest RAM; what lies over either, or is more than what is left, stops the tool or the system',
    rules: [
      'sdf/over-kernel',
      'sdf/over-initial-task',
      'sdf/initial-task-room',
      'sdf/over-root-objects',
      'sdf/ram-exhausted',
      'plan/ram-exhausted',
    ],
    plan: "RAM of guests keeps off all of them, by the sizes of the images; what Microkit places itself is counted, with the programs' own pages",
    run: 'nothing: the tool refuses such a description',
    tests: [FIXTURES('sdf-memory'), 'test/plan.test.ts', 'test/real/places.ts'],
  },
  {
    there:
      'The loader is linked at an address that large kernels reach: the tool panics ("Overlapping regions")',
    rules: ['sdf/over-loader', 'plan/loader-overlap'],
    plan: "said with how much room there is and both remedies; the address is the SDK's own, where one is named",
    run: 'nothing: there is no loader in it',
    tests: [
      FIXTURES('sdf-memory'),
      FIXTURES('plan'),
      'src/microkit/boards/board.test.ts',
      'test/real/build.ts',
    ],
  },
  {
    there: 'What the tool sets in a program is a word: a smaller variable is refused',
    rules: ['sdf/program-symbol'],
    plan: 'every such variable in a written `vmm.c` has eight bytes',
    run: 'nothing: its programs are no ELF files',
    tests: [FIXTURES('sdf-program'), 'test/generated-c.test.ts', 'test/real/build.ts'],
  },
  {
    there: 'The tool panics, or builds what stops when it starts, or takes what it ignores',
    rules: [
      'sdf/prefill-file',
      'sdf/object-name',
      'sdf/reserved-name',
      'sdf/map-over-segment',
      'sdf/program-file',
      'sdf/program-unnamed',
      'sdf/program-pages',
      'sdf/empty-symbol',
      'sdf/ignored-attribute',
      'sdf/number-too-large',
      'sdf/child-id-high',
      'sdf/child-id-range',
      'sdf/vm-priority-range',
      'sdf/budget-small',
      'sdf/too-many-vcpus',
    ],
    plan: 'none of it is written',
    run: 'refused as by `check`',
    tests: [
      FIXTURES('sdf-domain'),
      FIXTURES('sdf-read'),
      FIXTURES('sdf-program'),
      'test/real/descriptions.ts',
      'test/real/stricter.ts',
    ],
  },
  {
    there:
      'A region that is device memory and RAM at once hangs the guest, and so does a guest in a domain of the schedule other than 0',
    rules: ['sdf/device-and-ram', 'sdf/vm-in-other-domain', 'sdf/vm-without-time'],
    plan: 'device memory and RAM are regions of their own; no schedule is written',
    run: 'not modelled: the rule is what there is',
    tests: [FIXTURES('sdf-memory'), FIXTURES('sdf-machine')],
  },
  {
    there: "libvmm's header knows the interrupt controllers of four boards, and is an error for others",
    rules: [],
    plan: "the project has a `vgic.h` that is found before libvmm's; libvmm stays as it is",
    run: "the controller is where the board's tree has it",
    tests: ['test/generated-c.test.ts', 'test/plan.test.ts', 'test/real/boards.ts'],
  },
  {
    there:
      "sDDF is a submodule that is easily forgotten; an older libvmm or SDK fails with a compiler's words; libvmm's makefile compiles all of it each time",
    rules: [],
    plan: 'the Makefile says what is missing or too old; a second make has nothing to do, and one with other images packages them',
    run: 'needs neither',
    tests: ['test/generated-c.test.ts', 'test/real/build.ts'],
  },
  {
    there:
      'libvmm 0.2 drops interrupts while they are disabled, has four list registers and a queue, PSCI and SMCCC in small ([monitors.md](monitors.md))',
    rules: ['run/edge-lost', 'run/timer-storm', 'run/starved'],
    plan: "a written `vmm.c` keeps the virtual timer's interrupt while the guest has it disabled",
    run: '`--monitor libvmm` does the same, and the account says what was lost',
    tests: [FIXTURES('run'), 'src/vmm/libvmm/monitor.test.ts', 'test/real/console.ts'],
  },
  {
    there:
      "Nothing: `check` had false errors of a board's own virtio devices without its tree, and told one finding several times",
    rules: ['guest/virtio-mapped', 'guest/provider-disabled'],
    plan: 'is checked without findings',
    run: 'nothing',
    tests: [FIXTURES('sdf-guest'), 'test/examples.test.ts'],
  },
  {
    there:
      "A reset of a vCPU leaves list registers, active priorities and the CPU interface's settings as they are, and an interrupt for a list register that was saved as active is refused; ICC_SRE_EL1 traps to the monitor",
    rules: [],
    plan: "`vmm.ts` says where the guest's CPU interface is",
    run: 'the same; the monitor has the vCPU clear itself ([typescript-on-sel4.md](typescript-on-sel4.md)) and answers for ICC_SRE_EL1; a guest under libvmm 0.2 is not restarted',
    tests: ['test/vcpu-entry.test.ts', 'src/sel4/kernel.test.ts', 'test/real/typescript.ts'],
  },
];

const HEAD = `# Beside the real stack

What Microkit 2.3.0, seL4 16.0.0 and libvmm 0.2.0 do that a description does not show, and what answers to it: a rule of \`check\` or \`plan\`,
what a plan and its project do, what \`run\` shows, and where each is tested. \`npm run real\`, with MICROKIT_SDK and LIBVMM set, asks the real
stack itself; the files below \`test/real/\` are its parts. With TREES, directories of device trees, it takes boards that Debian's kernel has not.

What it gave when this page was written, with an SDK for 19 boards: 277 of 277 places of memory alike; of 21,000 descriptions, fixtures and
mutants of several seeds, none that is not explained (\`test/real/stricter.ts\`); a project for each of the 19 boards builds with an unmodified
libvmm, those of the i.MX8M evaluation kits with a small kernel, or with Debian's where the SDK's loader is linked at 0x50000000; guests with
one, two and four vCPUs boot, answer and power off on seL4 as in \`run --monitor libvmm\`, on a quiet machine as on one with six times the
load that it has cores for. (The kernel's own watchdogs are off in guests with several vCPUs: under QEMU the counter is the host's time.)

| | on the real stack | rules | plan and project | \`run\` | tested in |
| --- | --- | --- | --- | --- | --- |
`;

export async function render(): Promise<string> {
  const declared = new Set((await declaredCodes()).map(({ code }) => code));
  const rows = KINDS.map(({ there, rules, plan, run, tests }, index) => {
    for (const rule of rules) if (!declared.has(rule)) throw new Error(`no code ${rule}`);
    for (const file of tests) if (!existsSync(join(PROJECT_ROOT, file))) throw new Error(`no file ${file}`);
    const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
    return `| ${index + 1} | ${there} | ${code(rules)} | ${plan} | ${run} | ${code(tests)} |\n`;
  });
  return HEAD + rows.join('');
}
