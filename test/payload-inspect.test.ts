/** `payload inspect` over files that the formats' own programs made. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { concatBytes, DiagnosticSink } from '../src/base/index.ts';
import { bytesSource, FILE_TYPE, inspect, printInspection, writeCpio } from '../src/payload/index.ts';
import { textsOf } from './support/fixtures.ts';
import { smallImage } from './support/kernel-image.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-inspect-'));
after(() => rmSync(directory, { recursive: true }));

function path(name: string, content?: Uint8Array | string): string {
  if (content !== undefined) writeFileSync(join(directory, name), content);
  return join(directory, name);
}

async function told(content: Uint8Array): Promise<string> {
  const sink = new DiagnosticSink();
  const text = printInspection(await inspect(bytesSource('x', content), sink));
  return [...textsOf(sink), text].join('\n');
}

const image = smallImage('6.1.0-9-arm64');
const cpio = writeCpio([
  { path: 'init', mode: FILE_TYPE.file | 0o755, content: new TextEncoder().encode('#!/bin/sh\n') },
  { path: 'lib/modules/6.1.0-9-arm64/kernel/a.ko', mode: FILE_TYPE.file | 0o644, content: new Uint8Array(7) },
]);

test('an arm64 Image, as file(1) understands it too', async () => {
  assert.equal(
    await told(image),
    `x: arm64-image, 4 KiB
  release: 6.1.0-9-arm64
  textOffset: 0x0
  imageSize: 0x1000
  endianness: little
  pageSize: 4 KiB
  placement: anywhere
  banner: Linux version 6.1.0-9-arm64 (builder@host) (gcc) #1 SMP
`,
  );
});

test('an Image inside zboot, inside every compression', async () => {
  for (const [program, ...args] of [
    ['gzip', '-c'],
    ['xz', '-c'],
    ['zstd', '-qc'],
    ['lz4', '-qcl'],
    ['bzip2', '-c'],
  ]) {
    const payload = runOracle(program ?? '', args, image).stdout;
    const header = new Uint8Array(64);
    const view = new DataView(header.buffer);
    header.set(new TextEncoder().encode('MZ\0\0zimg'));
    view.setUint32(8, 64, true);
    view.setUint32(12, payload.length, true);
    header.set(new TextEncoder().encode(program), 24);
    const text = await told(concatBytes([header, payload]));
    assert.match(text, new RegExp(`^x: zboot, .*\\n  compression: ${program}\\n  payload: ${program}, `));
    assert.match(text, /\n {4}content: arm64-image, 4 KiB\n {6}release: 6\.1\.0-9-arm64\n/);
  }
});

test('a ramdisk of plain and compressed archives with padding, in a U-Boot image', async () => {
  const [gz, zst] = [runOracle('gzip', ['-c'], cpio).stdout, runOracle('zstd', ['-qc'], cpio).stdout];
  const initrd = path('initrd', concatBytes([cpio, gz, new Uint8Array(52), zst]));
  const args = ['-A', 'arm64', '-O', 'linux', '-T', 'ramdisk', '-C', 'none', '-n', 'uInitrd', '-d', initrd];
  assert.equal(runOracle('mkimage', [...args, path('uInitrd')]).status, 0);
  const text = await told(runOracle('cat', [path('uInitrd')]).stdout);
  assert.match(text, /^x: uboot-image, .*\n {2}name: uInitrd\n {2}type: ramdisk\n {2}architecture: arm64\n/);
  assert.match(text, /\n {2}part 1: initrd, /);
  assert.match(
    text,
    /\n {4}entryCount: 18\n {4}unpackedBytes: 51\n {4}moduleReleases: 6\.1\.0-9-arm64\n {4}moduleCount: 3\n/,
  );
  assert.match(text, /\n {4}archive 2: gzip, .*\n {6}offset: 0x400\n/);
});

test('a FIT, with its data inside and outside, and its hashes compared', async () => {
  path('Image.gz', runOracle('gzip', ['-c'], image).stdout);
  const source = path(
    'fit.its',
    `/dts-v1/;
/ {
  description = "test"; #address-cells = <1>;
  images {
    kernel-1 {
      data = /incbin/("${path('Image.gz')}");
      type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip"; load = <0>; entry = <0>;
      hash-1 { algo = "sha256"; }; hash-2 { algo = "crc32"; }; hash-3 { algo = "sha1"; };
    };
  };
  configurations { default = "a"; a { kernel = "kernel-1"; }; };
};`,
  );
  for (const flags of [[], ['-E'], ['-E', '-p', '0x1000']]) {
    const made = runOracle('mkimage', [...flags, '-f', source, path('fit.itb')]);
    assert.equal(made.status, 0, made.stderr);
    const fit = runOracle('cat', [path('fit.itb')]).stdout;
    const text = await told(fit);
    assert.match(
      text,
      /^x: fit, .*\n {2}configurations: a \(kernel-1\)\n {2}default: a\n {2}kernel-1: gzip, /,
    );
    assert.match(text, /checksums: sha256, crc32, sha1\n/);
    assert.match(text, /content: arm64-image/);
    const damaged = Uint8Array.from(fit);
    const at = Buffer.from(fit).indexOf(Buffer.from([0x1f, 0x8b, 0x08]));
    damaged[at + 40] = (damaged[at + 40] ?? 0) ^ 1;
    assert.match(
      await told(damaged),
      /error\[payload\/corrupt\]: the FIT image kernel-1 is damaged: its (?:sha256|crc32)/,
    );
  }
});

test('wrappers in wrappers end, and what is nothing is called so', async () => {
  let nested: Uint8Array = image;
  for (let depth = 0; depth < 20; depth++) nested = runOracle('gzip', ['-c'], nested).stdout;
  const text = await told(nested);
  assert.equal(text.match(/content: gzip/g)?.length, 8);
  assert.equal(await told(new Uint8Array(0)), 'x: empty, 0 B\n');
  assert.equal(await told(Uint8Array.of(1, 2, 3)), 'x: unknown, 3 B\n');
  assert.equal(await told(new TextEncoder().encode('setenv a b\n')), 'x: text, 11 B\n');
});
