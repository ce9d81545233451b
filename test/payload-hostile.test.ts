/** Filesystems with deliberate loops and lies, and the commands' exit statuses: refused with a diagnostic, in time. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import {
  bytesSource,
  FILE_TYPE,
  filesBelow,
  openPath,
  openVolumes,
  reportingRefusals,
  resolvePath,
  writeCpio,
} from '../src/payload/index.ts';
import { Workbench } from './support/board-image.ts';
import { textsOf } from './support/fixtures.ts';
import { runOracle } from './support/oracles.ts';

const bench = new Workbench();
after(() => bench.remove());

/** Lists and reads everything; what is said, without hints. */
async function readAll(path: string): Promise<{ said: readonly string[]; paths: readonly string[] }> {
  const sink = new DiagnosticSink();
  const paths: string[] = [];
  for (const { system } of await openVolumes(
    bytesSource('image', new Uint8Array(readFileSync(path))),
    sink,
  )) {
    await reportingRefusals(sink, () => {
      for (const found of filesBelow(system, '/', { depth: 100, files: 1000 })) {
        paths.push(found);
        openPath(system, found)?.read(0, 1 << 20);
      }
    });
  }
  return { said: textsOf(sink).map((text) => text.split('\n')[0] ?? ''), paths };
}

function debugfs(image: string, ...commands: readonly string[]): void {
  const made = runOracle('debugfs', ['-w', image], Buffer.from(`${commands.join('\n')}\n`));
  assert.equal(made.status, 0, made.stderr);
}

const LAYOUT = { 'a/b/file': 'x', 'a/other': 'y'.repeat(3000) };

test('ext4: a directory inside itself, an inode that is not there, a symbolic link to itself', async () => {
  const looped = bench.ext(bench.lay(LAYOUT), 4);
  debugfs(looped, 'ln /a /a/b/loop');
  assert.match((await readAll(looped)).said.join(), /inode \d+: a directory lies inside itself/);
  const missing = bench.ext(bench.lay(LAYOUT), 4);
  debugfs(missing, 'set_inode_field /a/other block[0] 0x12345678', 'set_inode_field /a/b size 0x7fffffff');
  assert.match(
    (await readAll(missing)).said.join(),
    /payload\/corrupt\]: the ext4 filesystem is damaged: inode \d+:/,
  );
  const links = bench.ext(
    bench.lay({ x: { link: 'y' }, y: { link: '/x' }, z: { link: '../../../y/../w' }, w: '!' }),
    4,
  );
  const sink = new DiagnosticSink();
  const [volume] = await openVolumes(bytesSource('image', new Uint8Array(readFileSync(links))), sink);
  assert.ok(volume !== undefined);
  assert.equal(resolvePath(volume.system, '/x'), undefined);
  assert.equal(resolvePath(volume.system, '/../../w')?.kind, 'file');
});

test('FAT: a chain of clusters that leads back into itself, and a directory inside itself', async () => {
  const image = bench.fat({ 'DIR/FILE': 'z'.repeat(9000) }, 1, ['-F', '12', '-s', '1']);
  const bytes = new Uint8Array(readFileSync(image));
  const view = new DataView(bytes.buffer);
  const fatAt = view.getUint16(14, true) * 512;
  const rootAt = fatAt + (bytes[16] ?? 0) * view.getUint16(22, true) * 512;
  let entryAt = rootAt;
  while (new TextDecoder().decode(bytes.subarray(entryAt, entryAt + 3)) !== 'DIR') entryAt += 32;
  const cluster = view.getUint16(entryAt + 26, true);
  // FAT12: an entry of an even cluster is the low 12 bits of its three bytes.
  const first = cluster + (cluster % 2);
  const looped = bytes.slice();
  const at = fatAt + (first * 3) / 2;
  for (let entry = 0; entry < 30; entry += 3) {
    looped[at + entry] = first & 0xff;
    looped[at + entry + 1] = (first >> 8) | ((first & 15) << 4);
    looped[at + entry + 2] = first >> 4;
  }
  const path = bench.path('fat-loop');
  writeFileSync(path, looped);
  assert.match((await readAll(path)).said.join(), /a chain of clusters leads back into itself/);
  const nested = bytes.slice();
  const dataAt = rootAt + view.getUint16(17, true) * 32;
  const directoryAt = dataAt + (cluster - 2) * 512;
  nested.set(bytes.subarray(entryAt, entryAt + 32), directoryAt + 64);
  writeFileSync(path, nested);
  assert.match((await readAll(path)).said.join(), /a directory lies inside itself/);
});

test('tar: paths and links that lead out', async () => {
  const top = bench.lay({ 'boot/f': 'x' });
  const tar = bench.path('evil.tar');
  const made = runOracle('tar', [
    '-cf',
    tar,
    '-P',
    '-C',
    top,
    '--transform=s,^boot/f$,../../etc/passwd,',
    'boot',
  ]);
  assert.equal(made.status, 0, made.stderr);
  const { said, paths } = await readAll(tar);
  assert.deepEqual(paths, []);
  assert.match(said.join(), /an entry that leads out of it, "\.\.\/\.\.\/etc\/passwd"; it is left out/);
});

test('the commands: 0 where all is well, 1 with findings, 2 for misuse; --json has the same facts', async () => {
  const run = async (...args: readonly string[]): Promise<{ status: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const status = await runCommandLine(args, {
      host: nodeHost(),
      stdout: { write: (text: string | Uint8Array) => (out += String(text)) },
      stderr: { write: (text: string | Uint8Array) => (err += String(text)) },
    });
    return { status, out, err };
  };
  const initrd = bench.path('initrd');
  writeFileSync(
    initrd,
    writeCpio([{ path: 'init', mode: FILE_TYPE.file | 0o755, content: new Uint8Array(3) }]),
  );
  const text = await run('payload', 'inspect', initrd);
  assert.deepEqual([text.status, text.err], [0, '']);
  assert.match(text.out, /: initrd, 512 B\n {2}entryCount: 1\n/);
  const json = await run('payload', 'inspect', '--json', bench.path('nosuch'), initrd);
  assert.equal(json.status, 1);
  assert.equal(JSON.parse(json.out).diagnostics[0].code, 'host/cannot-access');
  assert.equal(JSON.parse(json.out).files[0].kind, 'initrd');
  assert.equal((await run('payload', 'inspect')).status, 2);
  assert.equal((await run('payload', 'extract', initrd)).status, 2);
  assert.equal((await run('payload', 'extract', initrd, '-o', bench.path('o'), '--max-gib', 'x')).status, 2);
  const nothing = await run('payload', 'extract', initrd, '-o', bench.path('o'), '--json');
  assert.equal(nothing.status, 1);
  assert.equal(JSON.parse(nothing.out).diagnostics[0].code, 'payload/no-filesystem');
  assert.match((await run('payload', 'collect')).out, /^#!\/bin\/sh\n/);
});
