/** Every format against the program that owns it: what it compresses is read back, what is wrong is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../fuzz/random.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { concatBytes, DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { ByteCursor, collectPieces } from '../bytes/cursor.ts';
import { bytesSource, equalBytes } from '../bytes/source.ts';
import { reportingRefusals } from '../refusal.ts';
import { type CompressionFormat, decompressed, decompressMember, detectCompression } from './index.ts';

const COMMANDS: Readonly<Record<CompressionFormat, readonly (readonly string[])[]>> = {
  gzip: [
    ['gzip', '-c', '-9'],
    ['gzip', '-c', '-1', '-n'],
  ],
  xz: [
    ['xz', '-c'],
    ['xz', '-c', '-9e', '--check=crc32'],
    ['xz', '-c', '-T2', '--block-size=65536'],
    ['xz', '-c', '-C', 'none'],
  ],
  zstd: [
    ['zstd', '-qc'],
    ['zstd', '-qc', '-19', '--no-check'],
    ['zstd', '-qc', '--ultra', '-22'],
    ['zstd', '-qc', '--long=27'],
  ],
  lz4: [
    ['lz4', '-qc'],
    ['lz4', '-qcl'],
    ['lz4', '-qc', '-9', '-BD', '-B4'],
    ['lz4', '-qc', '-B5', '-BX', '--content-size'],
  ],
  bzip2: [
    ['bzip2', '-c'],
    ['bzip2', '-c', '-1'],
  ],
  lzma: [
    ['xz', '--format=lzma', '-c'],
    ['xz', '--format=lzma', '-c', '-0'],
    ['xz', '--format=lzma', '--lzma1=dict=4KiB,lc=0,lp=2,pb=0', '-c'],
    ['xz', '--format=lzma', '--lzma1=dict=64MiB,lc=3,lp=1,pb=4,nice=273', '-c'],
  ],
};

/** Text, runs, noise and nothing: what exercises literals, matches, run lengths and stored blocks. */
function samples(): readonly Uint8Array[] {
  const random = seededRandom(7);
  const words = Array.from({ length: 400 }, () => random.bytes(1 + random.below(9)));
  const text = concatBytes(
    Array.from({ length: 60_000 }, () => words[random.below(words.length)] ?? new Uint8Array(0)),
  );
  const runs = concatBytes(
    Array.from({ length: 500 }, () => new Uint8Array(random.below(2000)).fill(random.below(3))),
  );
  return [new Uint8Array(0), Uint8Array.of(65), text, runs, random.bytes(300_000), new Uint8Array(3_000_000)];
}

for (const [format, commands] of Object.entries(COMMANDS) as [
  CompressionFormat,
  (typeof COMMANDS)['gzip'],
][]) {
  test(`${format}: what its own program makes is read back, and the end is known`, async () => {
    for (const [index, [program = '', ...args]] of commands.entries()) {
      // All of them only once: the thorough programs are slow.
      for (const content of index === 0 ? samples() : samples().slice(2, 5)) {
        const compressed = runOracle(program, args, content).stdout;
        assert.equal(detectCompression(compressed), format);
        const cursor = new ByteCursor(bytesSource('x', concatBytes([compressed, new Uint8Array(20)])), 'x');
        const read = await collectPieces(decompressMember(format, cursor), 1 << 30, cursor);
        assert.ok(equalBytes(read, content), `${program} ${args.join(' ')}: ${content.length} bytes`);
        assert.equal(cursor.offsetBytes, compressed.length);
      }
    }
  });

  test(`${format}: several members are one content; cut short or changed bytes are refused`, async () => {
    const [program = '', ...args] = commands[0] ?? [];
    const content = seededRandom(3).bytes(5000);
    const one = runOracle(program, args, content).stdout;
    const both = await decompressed(bytesSource('two', concatBytes([one, one])));
    assert.ok(equalBytes(both.source.read(0, 20_000), concatBytes([content, content])));
    // LZMA is told by its whole header.
    for (const cut of [...(format === 'lzma' ? [] : [6]), 20, one.length - 1]) {
      const sink = new DiagnosticSink();
      await reportingRefusals(sink, () => decompressed(bytesSource('cut', one.subarray(0, cut))));
      assert.match(sink.sorted().map(formatDiagnostic)[0] ?? '', /is (?:cut short|damaged)/, `cut at ${cut}`);
    }
    // Every format carries a checksum, but LZMA and lz4's legacy form, which is not made here.
    if (format === 'lzma') return;
    for (let at = 30; at < one.length; at += 397) {
      const changed = Uint8Array.from(one);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const sink = new DiagnosticSink();
      await reportingRefusals(sink, () => decompressed(bytesSource('changed', changed)));
      assert.equal(sink.hasErrors, true, `byte ${at} changed`);
    }
  });

  test(`${format}: a bomb is refused at the limit, not in memory`, async () => {
    const [program = '', ...args] = commands[0] ?? [];
    const bomb = runOracle(program, args, new Uint8Array(64 << 20)).stdout;
    const sink = new DiagnosticSink();
    await reportingRefusals(sink, () => decompressed(bytesSource('bomb', bomb), 1 << 20));
    assert.match(
      sink.sorted().map(formatDiagnostic)[0] ?? '',
      /error\[payload\/too-large\]: the \w+ data holds more than 1 MiB, which is the limit here/,
    );
  });
}
