import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { debianKernelPackage } from '../../../test/support/debian.ts';
import { filesUnder } from '../../../test/support/files.ts';
import { bytesSource } from '../bytes/source.ts';
import { FILE_TYPE, writeCpio } from '../cpio/writer.ts';
import { compatibleStrings, compatiblesOf } from './compatibles.ts';

const text = (content: string) => new TextEncoder().encode(content);
const sourceOf = (content: string | Uint8Array) =>
  bytesSource('test', typeof content === 'string' ? text(content) : content);

const ramdisk = (path: string, content: string) =>
  writeCpio([{ path, mode: FILE_TYPE.file | 0o644, content: text(content) }]);

test('texts with a vendor that end in a zero, and nothing else', () => {
  const { found } = compatibleStrings(
    sourceOf('\0test,uart\0\0\0syscon\0no zero,here a, b\0fsl,imx8mq-iomuxc.v2\0cut,off'),
  );
  assert.deepEqual([...found], ['test,uart', 'fsl,imx8mq-iomuxc.v2']);
});

test('a text on the border of two pieces is whole', () => {
  for (const before of [-5, -1, 0, 1]) {
    const bytes = new Uint8Array((1 << 20) + 64);
    bytes.set(text('vendor,device'), (1 << 20) - 9 + before);
    assert.ok(compatibleStrings(sourceOf(bytes)).found.has('vendor,device'), `${before}`);
  }
});

test('a ramdisk’s modules count; where they can’t be seen, nothing is known', () => {
  const kernel = sourceOf('\0test,uart\0arm,armv8-timer\0');
  const plain = ramdisk('lib/modules/a.ko', '\x7fELF\0test,clock\0');
  assert.deepEqual(
    [...(compatiblesOf(kernel, sourceOf(plain)) ?? [])],
    ['test,uart', 'arm,armv8-timer', 'test,clock'],
  );
  assert.equal(compatiblesOf(sourceOf('\0test,uart\0'), sourceOf(plain)), undefined);
  assert.equal(compatiblesOf(kernel, sourceOf(ramdisk('lib/modules/a.ko.xz', '?'))), undefined);
  assert.equal(compatiblesOf(kernel, sourceOf(gzipSync(plain))), undefined);
  assert.equal(compatiblesOf(kernel, sourceOf(Buffer.concat([plain, gzipSync(plain)]))), undefined);
});

test("Debian's kernel: what it has built in, as a module, and not at all", async () => {
  const boot = filesUnder(join(await debianKernelPackage(), 'boot'));
  const image = boot.find((path) => path.includes('/vmlinuz-')) ?? '';
  const { found } = compatibleStrings(sourceOf(readFileSync(image)));
  const has = (names: readonly string[]) => names.filter((name) => found.has(name));
  const builtIn = ['amlogic,sm1-clkc', 'arm,pl011', 'qcom,gcc-sdm845', 'fsl,imx7ulp-lpuart'];
  assert.deepEqual(has(builtIn), builtIn);
  assert.deepEqual(has(['fsl,imx8mq-sdma', 'amlogic,meson-axg-mmc']), [], 'modules');
  assert.deepEqual(has(['fsl,imx93-ccm', 'no-such-vendor,device']), []);
});
