/**
 * Kernel symbols for a run: from what `--symbols` names, from a System.map beside the kernel, from the ELF file that the Image was made
 * of, or from the Image itself.
 */
import { DiagnosticSink, type Host } from '../base/index.ts';
import {
  imageSymbols,
  isArm64Image,
  type KernelSymbols,
  parseSystemMap,
  ramBaseOf,
  readArm64ImageHeader,
} from '../payload/index.ts';
import { type GuestSymbols, runCodes } from '../run/index.ts';
import { isElfFile, openDebugFile } from './debug-files.ts';
import { chosenFor, type RunPayload } from './guest-payloads.ts';
import type { RunRequest } from './run-request.ts';

/** What is named is read at once, to be refused before the run; the rest when an account or a fault wants it. */
export function kernelSymbols(
  { files }: Host,
  payloads: ReadonlyMap<string, RunPayload>,
  options: RunRequest,
  sink: DiagnosticSink,
): (vm: string) => GuestSymbols | undefined {
  const known = new Map<string, GuestSymbols | undefined>();
  const keep = (vm: string, { images }: RunPayload, symbols: KernelSymbols | undefined) => {
    const imageSizeBytes = Math.max(
      readArm64ImageHeader(images.kernel)?.imageSizeBytes ?? 0,
      images.kernel.length,
    );
    known.set(vm, symbols === undefined ? undefined : { symbols, imageSizeBytes });
  };
  for (const [vm, payload] of payloads) {
    const path = chosenFor(vm, options.symbols);
    if (path === undefined) continue;
    if (isElfFile(files, path)) {
      const debug = openDebugFile(files, path, sink);
      const symbols = debug?.kernelSymbols(startOf(payload));
      if (debug !== undefined && symbols === undefined)
        sink.report(runCodes['no-symbols'].at({ file: path }, {}));
      keep(vm, payload, symbols);
      continue;
    }
    const symbols = symbolsIn(files.read(path));
    if (symbols === undefined) sink.report(runCodes['no-symbols'].at({ file: path }, {}));
    keep(vm, payload, symbols);
  }
  return (vm) => {
    const payload = payloads.get(vm);
    if (!known.has(vm) && payload !== undefined) {
      const beside = systemMapBeside(files, payload.kernelPath);
      const made = payload.madeFrom ?? payload.kernelPath;
      keep(vm, payload, beside ?? elfSymbols(files, made, payload) ?? imageSymbols(payload.images.kernel));
    }
    return known.get(vm);
  };
}

/** The ELF file that may have debug information of a guest's kernel: what `--symbols` names, or what the kernel was made from. */
export function debugFilePath(
  files: Host['files'],
  vm: string,
  { kernelPath, madeFrom }: RunPayload,
  { symbols }: RunRequest,
): string | undefined {
  const candidates = [chosenFor(vm, symbols), madeFrom, kernelPath];
  return candidates.find(
    (path) => path !== undefined && files.status(path)?.kind === 'file' && isElfFile(files, path),
  );
}

/** Where an Image that was made of an ELF file begins: the file says where the rest lies. */
function startOf({ images: { kernel } }: RunPayload): bigint | undefined {
  const ramBase = ramBaseOf(kernel);
  return ramBase === undefined
    ? undefined
    : BigInt(ramBase + (readArm64ImageHeader(kernel)?.textOffsetBytes ?? 0));
}

function elfSymbols(files: Host['files'], path: string, payload: RunPayload): KernelSymbols | undefined {
  if (files.status(path)?.kind !== 'file' || !isElfFile(files, path)) return undefined;
  // It made a kernel, so that there is nothing to report.
  return openDebugFile(files, path, new DiagnosticSink())?.kernelSymbols(startOf(payload));
}

function symbolsIn(content: Uint8Array): KernelSymbols | undefined {
  return isArm64Image(content) ? imageSymbols(content) : parseSystemMap(new TextDecoder().decode(content));
}

/** `System.map`, or `System.map-6.1.0` beside `vmlinuz-6.1.0`. */
function systemMapBeside(files: Host['files'], kernelPath: string): KernelSymbols | undefined {
  const release = /^[^-]+(-.+)$/.exec(files.basename(kernelPath))?.[1] ?? '';
  const path = files.join(files.dirname(kernelPath), `System.map${release}`);
  return files.status(path)?.kind === 'file'
    ? parseSystemMap(new TextDecoder().decode(files.read(path)))
    : undefined;
}
