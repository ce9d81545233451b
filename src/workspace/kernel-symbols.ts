/** Kernel symbols for a run: from what `--symbols` names, from a System.map beside the kernel, or from the Image itself. */
import type { DiagnosticSink, Host } from '../base/index.ts';
import {
  imageSymbols,
  isArm64Image,
  type KernelSymbols,
  parseSystemMap,
  readArm64ImageHeader,
} from '../payload/index.ts';
import { type GuestSymbols, runCodes } from '../run/index.ts';
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
    const symbols = symbolsIn(files.read(path));
    if (symbols === undefined) sink.report(runCodes['no-symbols'].at({ file: path }, {}));
    keep(vm, payload, symbols);
  }
  return (vm) => {
    const payload = payloads.get(vm);
    if (!known.has(vm) && payload !== undefined) {
      const beside = systemMapBeside(files, payload.kernelPath);
      keep(vm, payload, beside ?? imageSymbols(payload.images.kernel));
    }
    return known.get(vm);
  };
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
