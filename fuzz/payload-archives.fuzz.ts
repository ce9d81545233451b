/** Readers of ramdisks, tars, U-Boot images, FITs, kernels and modules, over damaged and nested files. */
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { findPayload } from '../src/payload/extract/find.ts';
import { choosePayload } from '../src/payload/extract/match.ts';
import {
  bytesSource,
  FILE_TYPE,
  inspect,
  openVolumes,
  printInspection,
  writeCpio,
} from '../src/payload/index.ts';
import { androidBoot, sparseOf, ukiOf, vendorBoot } from '../test/support/boot-images.ts';
import { smallImage } from '../test/support/kernel-image.ts';
import { runOracle } from '../test/support/oracles.ts';
import { check } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 1500;

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Small ones of each kind, some in others. */
function seeds(): readonly Uint8Array[] {
  const cpio = writeCpio([
    { path: 'init', mode: FILE_TYPE.file | 0o755, content: text('#!/bin/sh\n') },
    { path: 'lib/modules/6.1/kernel/a.ko', mode: FILE_TYPE.file | 0o644, content: text('a') },
    { path: 'bin/sh', mode: FILE_TYPE.symlink | 0o777, content: text('busybox') },
  ]);
  const image = smallImage('6.1.0-1-arm64', 2048);
  const gzip = runOracle('gzip', ['-c'], cpio).stdout;
  return [
    cpio,
    Buffer.concat([cpio, gzip, cpio]),
    image,
    legacyImage(2, image),
    legacyImage(3, gzip),
    scriptImage(),
    fit(),
    tar(),
    runOracle('xz', ['--format=lzma', '-c'], image).stdout,
    ukiOf({ kernel: image, initrd: cpio, dtb: fit(), cmdline: 'root=x', osRelease: 'ID=x\n' }),
    androidBoot({ version: 2, kernel: image, ramdisk: gzip, dtb: fit(), cmdline: 'x' }),
    androidBoot({ version: 4, kernel: gzip, ramdisk: cpio, cmdline: 'x' }),
    vendorBoot({ ramdisk: cpio, dtb: fit(), cmdline: 'x' }),
    sparseOf(Buffer.concat([cpio, new Uint8Array(9000), new Uint8Array(5000).fill(7)])),
  ];
}

/** Without checksums that agree nothing behind them would be reached, so the reader's own are put in place. */
function legacyImage(type: number, content: Uint8Array): Uint8Array {
  const input = '/dev/stdin';
  const args = [
    '-A',
    'arm64',
    '-O',
    'linux',
    '-T',
    type === 2 ? 'kernel' : 'ramdisk',
    '-C',
    'none',
    '-d',
    input,
    '/dev/stdout',
  ];
  const made = runOracle(
    'sh',
    [
      '-c',
      'd=$(mktemp -d); cat > "$d/in"; mkimage "$@" -d "$d/in" "$d/out" > /dev/null; cat "$d/out"; rm -r "$d"',
      'sh',
      ...args.slice(0, 8),
    ],
    content,
  );
  return made.stdout;
}

function scriptImage(): Uint8Array {
  const script =
    'd=$(mktemp -d); echo "booti 1 2 3" > "$d/in"; mkimage -A arm64 -T script -d "$d/in" "$d/out" > /dev/null; cat "$d/out"; rm -r "$d"';
  return runOracle('sh', ['-c', script]).stdout;
}

function fit(): Uint8Array {
  const source =
    '/dts-v1/; / { images { k { data = "kernel"; type = "kernel"; hash-1 { algo = "crc32"; value = <1>; }; }; e { data-offset = <0>; data-size = <4>; }; }; configurations { default = "a"; a { kernel = "k"; }; }; };';
  return runOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], text(source)).stdout;
}

function tar(): Uint8Array {
  const script =
    'd=$(mktemp -d); cd "$d"; mkdir -p boot/a; echo hi > boot/a/f; ln -s f boot/a/l; ln boot/a/f boot/h; tar --format=pax --pax-option=comment=x -cf - boot; rm -r "$d"';
  return runOracle('sh', ['-c', script]).stdout;
}

export async function fuzz({ runs, seed }: FuzzOptions): Promise<void> {
  const random = seededRandom(seed);
  // Copies: a Buffer's slice would share its bytes, and the damage would add up.
  const kinds = seeds().map((kind) => Uint8Array.from(kind));
  for (let run = 0; run < runs; run++) {
    const bytes = mutateBytes(random, random.pick(kinds));
    const sink = new DiagnosticSink();
    const source = bytesSource('x', bytes);
    const found = await inspect(source, sink);
    const context = (): string => Buffer.from(bytes).toString('base64');
    check(printInspection(found).length < 1 << 20, 'an inspection without end', context);
    if (run % 4 === 0) {
      const volumes = await openVolumes(source, sink);
      for (const volume of volumes) volume.system.root.entries();
      const found = await findPayload({ progress: () => {} }, volumes, sink);
      choosePayload(volumes, found, {}, sink);
    }
    for (const diagnostic of sink.sorted()) formatDiagnostic(diagnostic);
  }
}
