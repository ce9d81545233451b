/**
 * The program by which a guest serves a disk (`runtime/linux/disk-server.c`), made where it is wanted: it asks nothing of a C library, so that
 * any compiler for AArch64 makes it.
 */
import { type DiagnosticSink, type Host, HostError, type ProcessOutcome } from '../../base/index.ts';
import { payloadCodes } from '../diagnostics.ts';

const FLAGS = [
  '-O2',
  '-std=gnu11',
  '-ffreestanding',
  '-fno-builtin',
  '-fno-stack-protector',
  '-fno-pic',
  '-mstrict-align',
] as const;
const LINKED = ['-static', '-s', '-z', 'max-page-size=4096'] as const;
const CLANG = ['clang', '--target=aarch64-linux-gnu'] as const;
const GCC = ['aarch64-linux-gnu-gcc'] as const;
/** Compiler and linker, of which both must be there; the first that are. */
const TOOLS = [
  { compiler: CLANG, linker: 'ld.lld' },
  { compiler: CLANG, linker: 'aarch64-linux-gnu-ld' },
  { compiler: GCC, linker: 'aarch64-linux-gnu-ld' },
] as const;

/** Compiles the program from its source; `undefined` where it can't be, which the sink says. */
export async function makeDiskServer(
  host: Pick<Host, 'files' | 'processes'>,
  source: string,
  workplace: string,
  sink: DiagnosticSink,
): Promise<Uint8Array | undefined> {
  const { files } = host;
  const [object, program] = [files.join(workplace, 'disk-server.o'), files.join(workplace, 'disk-server')];
  const missing = new Set<string>();
  for (const { compiler, linker } of TOOLS) {
    const [command, ...target] = compiler;
    const compiled = await outcomeOf(host, command, [...target, ...FLAGS, '-c', '-o', object, source]);
    const linked =
      compiled?.status === 0 ? await outcomeOf(host, linker, [...LINKED, '-o', program, object]) : undefined;
    if (linked?.status === 0) return files.read(program);
    const failed = [
      { tool: command, outcome: compiled },
      { tool: linker, outcome: linked },
    ].find(({ outcome }) => outcome !== undefined && outcome.status !== 0);
    if (failed?.outcome !== undefined) {
      const reason = new TextDecoder().decode(failed.outcome.stderr).trim().split('\n')[0] ?? '';
      sink.report(payloadCodes['server-not-built'].at({ file: source }, { tool: failed.tool, reason }));
      return undefined;
    }
    missing.add(compiled === undefined ? command : linker);
  }
  sink.report(payloadCodes['no-compiler'].at(undefined, { missing: [...missing] }));
  return undefined;
}

/** `undefined` where there is no such program. */
async function outcomeOf(
  { processes }: Pick<Host, 'processes'>,
  command: string,
  args: readonly string[],
): Promise<ProcessOutcome | undefined> {
  try {
    return await processes.run(command, args);
  } catch (error) {
    if (error instanceof HostError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
