/** The isolated apt over a host that plays the system's programs: what is run, and what each failure says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DiagnosticSink,
  formatDiagnostic,
  type Host,
  HostError,
  type ProcessOutcome,
} from '../../base/index.ts';
import { nodeHost } from '../../node/index.ts';
import { openIsolatedApt } from './apt.ts';
import { fetchPackage, findKernelPackage, findPackage } from './packages.ts';

/** What a program of the played system answers; without an answer it is not there. */
type Answers = Readonly<Record<string, (args: readonly string[], cwd: string) => Partial<Answer>>>;
interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Played {
  readonly host: Host;
  readonly runs: string[];
  readonly sink: DiagnosticSink;
  readonly directory: string;
  /** The diagnostics, with the cache directory's name replaced. */
  readonly said: () => readonly string[];
}

async function playing(answers: Answers, work: (played: Played) => Promise<void>): Promise<void> {
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
  const said = (): readonly string[] =>
    sink.sorted().map((found) => formatDiagnostic(found).replaceAll(directory, '<tmp>'));
  try {
    await work({ host, runs, sink, directory, said });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** apt-config of a host whose only source is this line. */
function aptConfig(directory: string, source: string): Answers {
  const list = join(directory, 'sources.list');
  writeFileSync(list, source);
  return {
    'apt-config': ([verb]) => ({ stdout: verb === 'shell' ? `LIST='${list}'\nPARTS='/nowhere'\n` : HOOKS }),
  };
}

const HOOKS = 'Acquire::http::Proxy "http://proxy.example";\nAPT::Update::Post-Invoke:: "rm -rf /";\n';
const DEBIAN = 'deb http://mirror.example/debian bookworm main\n';

const BRING =
  'on another system give the packages yourself: --kernel-package FILE.deb --busybox-package FILE.deb';

test('debian/no-apt', async () => {
  await playing({}, async ({ host, sink, said }) => {
    assert.equal(await openIsolatedApt(host, sink), undefined);
    assert.deepEqual(said(), [
      `error[debian/no-apt]: "apt-config" is not on this machine, so Debian's packages can't be fetched\n    hint: ${BRING}`,
    ]);
  });
});

test('debian/no-mirror', async () => {
  const answers: Record<string, Answers[string]> = {};
  await playing(answers, async ({ host, sink, said, directory }) => {
    Object.assign(answers, aptConfig(directory, 'deb http://other.example/ubuntu noble main'));
    assert.equal(await openIsolatedApt(host, sink), undefined);
    assert.deepEqual(said(), [
      "error[debian/no-mirror]: apt's configuration names no mirror of Debian to fetch bookworm from\n" +
        `    hint: name one with --mirror URI; ${BRING}`,
    ]);
  });
});

test('debian/update-failed, then debian/lists-outdated once there are lists', async () => {
  let works = false;
  const answers: Record<string, Answers[string]> = {
    'apt-get': () =>
      works ? {} : { status: 100, stderr: 'W: hm\nE: Failed to fetch http://mirror.example/x\nE: more\n' },
  };
  await playing(answers, async ({ host, sink, said, directory, runs }) => {
    Object.assign(answers, aptConfig(directory, DEBIAN));
    assert.equal(await openIsolatedApt(host, sink), undefined);
    const reason = 'Failed to fetch http://mirror.example/x';
    assert.deepEqual(said(), [
      `error[debian/update-failed]: the package lists of bookworm can't be fetched: ${reason}\n` +
        '    hint: check the network and the name of the suite; what was fetched before is kept',
    ]);
    works = true;
    const apt = await openIsolatedApt(host, new DiagnosticSink());
    assert.ok(apt !== undefined);
    const settings = new TextDecoder().decode(host.files.read(apt.configuration));
    assert.match(settings, /^Acquire::http::Proxy "http:\/\/proxy.example";$/m);
    assert.doesNotMatch(settings, /Post-Invoke/);
    const stamp = join(apt.directory, 'updated.json');
    const { sources } = JSON.parse(new TextDecoder().decode(host.files.read(stamp)));
    const updates = (): number => runs.filter((run) => run.startsWith('apt-get update')).length;
    const before = updates();
    assert.ok((await openIsolatedApt(host, new DiagnosticSink())) !== undefined);
    assert.equal(updates(), before, 'lists of today are not fetched again');
    host.files.writeAtomically(stamp, JSON.stringify({ updatedAtMs: 0, sources }));
    works = false;
    const later = new DiagnosticSink();
    assert.ok((await openIsolatedApt(host, later)) !== undefined);
    assert.deepEqual(later.sorted().map(formatDiagnostic), [
      `warning[debian/lists-outdated]: the package lists of bookworm can't be renewed (${reason}); ` +
        'the earlier ones are used',
    ]);
  });
});

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-image-arm64':
    'Package: linux-image-arm64\nVersion: 6.1\nDepends: linux-image-6.1.0-1-arm64 (= 6.1)\n',
  'linux-image-6.1.0-1-arm64':
    'Package: linux-image-6.1.0-1-arm64\nVersion: 1:6.1\nArchitecture: arm64\nDepends: kmod, linux-base (>= 4)\n',
};

test('a metapackage leads to its kernel; debian/unknown-package, download-failed, broken-package', async () => {
  let delivers = false;
  const answers: Record<string, Answers[string]> = {
    'apt-get': ([verb], cwd) => {
      if (verb === 'update') return {};
      if (!delivers) return { status: 100, stderr: 'E: Hash Sum mismatch\n' };
      writeFileSync(join(cwd, 'linux-image-6.1.0-1-arm64_1%3a6.1_arm64.deb'), 'not a package');
      return {};
    },
    'apt-cache': (args) => {
      const stdout = PACKAGES[args.at(-1) ?? ''];
      return stdout === undefined ? { status: 100, stderr: 'E: No packages found\n' } : { stdout };
    },
    'dpkg-deb': () => ({ status: 2, stderr: 'dpkg-deb: error: not a Debian format archive\n' }),
  };
  await playing(answers, async ({ host, sink, said, directory }) => {
    Object.assign(answers, aptConfig(directory, DEBIAN));
    const apt = await openIsolatedApt(host, sink);
    assert.ok(apt !== undefined);
    assert.equal(await findPackage(apt, 'linux-image-nosuch', sink), undefined);
    assert.equal(await findPackage(apt, '--help', sink), undefined);
    const kernel = await findKernelPackage(apt, 'linux-image-arm64', sink);
    assert.ok(kernel !== undefined);
    assert.equal(kernel.version, '1:6.1');
    assert.equal(await fetchPackage(apt, kernel, sink), undefined);
    delivers = true;
    assert.equal(await fetchPackage(apt, kernel, sink), undefined);
    const hint =
      'kernels are linux-image-arm64, linux-image-rt-arm64, linux-image-cloud-arm64 or one exact version';
    const deb = '<tmp>/cache/drivervm/debian/bookworm/debs/linux-image-6.1.0-1-arm64_1%3a6.1_arm64.deb';
    assert.deepEqual(said(), [
      `error[debian/unknown-package]: bookworm has no package linux-image-nosuch for arm64\n    hint: ${hint}`,
      `error[debian/unknown-package]: bookworm has no package --help for arm64\n    hint: ${hint}`,
      "error[debian/download-failed]: linux-image-6.1.0-1-arm64 can't be fetched: Hash Sum mismatch\n" +
        '    hint: try again; what was fetched before is kept',
      `error[debian/broken-package]: ${deb.replace('/drivervm', '')} can't be unpacked: ` +
        'dpkg-deb: error: not a Debian format archive\n    hint: remove the file and try again',
    ]);
  });
});
