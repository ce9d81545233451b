/** A host that plays the system's apt: each of its programs answers what a test says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticSink, type Host, HostError, type ProcessOutcome } from '../../src/base/index.ts';
import { nodeHost } from '../../src/node/index.ts';

/** What a program of the played system answers; without an answer it is not there. */
export type Answers = Readonly<Record<string, (args: readonly string[], cwd: string) => Partial<Answer>>>;
interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Played {
  readonly host: Host;
  readonly runs: string[];
  readonly sink: DiagnosticSink;
  readonly directory: string;
}

export async function playing(answers: Answers, work: (played: Played) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-apt-'));
  const runs: string[] = [];
  const bytes = (text = ''): Uint8Array => new TextEncoder().encode(text);
  const host: Host = {
    ...nodeHost(),
    cacheDirectory: join(directory, 'cache'),
    nowMs: () => 0,
    pause: async () => {},
    progress: () => {},
    processes: {
      async run(command, args, options): Promise<ProcessOutcome> {
        runs.push([command, ...args].join(' ').replaceAll(directory, '<tmp>'));
        const answer = answers[command]?.(args, options?.cwd ?? '');
        if (answer === undefined) throw new HostError('ENOENT', command, 'no such file or directory');
        return { status: answer.status ?? 0, stdout: bytes(answer.stdout), stderr: bytes(answer.stderr) };
      },
    },
  };
  const sink = new DiagnosticSink();
  try {
    await work({ host, runs, sink, directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** apt-config of a host whose only source is this line. */
export function aptConfig(directory: string, source: string): Answers {
  const list = join(directory, 'sources.list');
  writeFileSync(list, source);
  return {
    'apt-config': ([verb]) => ({ stdout: verb === 'shell' ? `LIST='${list}'\nPARTS='/nowhere'\n` : HOOKS }),
  };
}

const HOOKS = 'Acquire::http::Proxy "http://proxy.example";\nAPT::Update::Post-Invoke:: "rm -rf /";\n';
/** A source line of the host that is Debian's. */
export const DEBIAN = 'deb http://mirror.example/debian bookworm main\n';

/** What apt-cache shows of a kernel's metapackage and its kernel. */
export const KERNEL_PACKAGES: Readonly<Record<string, string>> = {
  'linux-image-arm64':
    'Package: linux-image-arm64\nVersion: 6.1\nDepends: linux-image-6.1.0-1-arm64 (= 6.1)\n',
  'linux-image-6.1.0-1-arm64':
    'Package: linux-image-6.1.0-1-arm64\nVersion: 1:6.1\nArchitecture: arm64\nDepends: kmod, linux-base (>= 4)\n',
};
