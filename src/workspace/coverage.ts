/** `--coverage`: which of the guests' kernels' lines and functions a run executed, in a file for lcov. */
import { attempt, type DiagnosticSink, type Host, Refusal } from '../base/index.ts';
import { type DebugFile, ramBaseOf } from '../payload/index.ts';
import {
  CodeMap,
  type CoveredFiles,
  coveredFunctions,
  coveredLines,
  type ExecutedInstructions,
  lcovText,
  runCodes,
} from '../run/index.ts';
import { openDebugFile } from './debug-files.ts';
import type { RunPayload } from './guest-payloads.ts';
import { debugFilePath } from './kernel-symbols.ts';
import type { Run } from './run.ts';
import type { RunInputs } from './run-inputs.ts';
import type { RunRequest } from './run-request.ts';

/** More than any kernel's code spans; where it spans more, the file is no kernel's. */
const CODE_LIMIT_BYTES = 512 * 2 ** 20;

interface CoveredGuest {
  readonly vm: string;
  readonly payload: RunPayload;
  readonly path: string | undefined;
  readonly debug: DebugFile | undefined;
}

/** What `--coverage` writes, when the run is over. */
export class CoverageFile {
  readonly #guests: readonly CoveredGuest[];
  readonly #inputs: RunInputs;

  private constructor(inputs: RunInputs, guests: readonly CoveredGuest[]) {
    this.#inputs = inputs;
    this.#guests = guests;
  }

  /** Looks at the debug information before the run, so that what is none of a kernel's is refused then. */
  static of(host: Host, inputs: RunInputs, options: RunRequest, sink: DiagnosticSink): CoverageFile {
    const guests = [...inputs.payloads].map(([vm, payload]): CoveredGuest => {
      const path = debugFilePath(host.files, vm, payload, options);
      const debug = path === undefined ? undefined : openDebugFile(host.files, path, sink);
      if (debug !== undefined && isOfAnotherBuild(debug, payload))
        sink.report(runCodes['debug-other-build'].at({ file: path ?? '' }, { kernel: payload.kernelPath }));
      return { vm, payload, path, debug };
    });
    return new CoverageFile(inputs, guests);
  }

  /** The file's text. */
  text(run: Run, sink: DiagnosticSink): string {
    const { executed } = run;
    if (executed === undefined) return '';
    return this.#guests
      .map((guest) => lcovText(guest.vm, this.#covered(guest, run, executed, sink)))
      .join('');
  }

  #covered(
    guest: CoveredGuest,
    run: Run,
    executed: ExecutedInstructions,
    sink: DiagnosticSink,
  ): CoveredFiles {
    const { vm, payload, path, debug } = guest;
    const offsetOf = imageOffsets(vm, run, executed);
    if (debug?.hasLines === true && path !== undefined) {
      const covered = attempt(() => linesOf(guest, debug, executed, offsetOf, sink));
      if (!(covered instanceof Refusal)) return covered;
      sink.report(runCodes['debug-not-read'].at({ file: path }, { reason: covered.message }));
    }
    const symbols = this.#inputs.symbolsOf(vm);
    sink.report(runCodes['no-lines'].at(undefined, { vm, hasFunctions: symbols !== undefined }));
    if (symbols === undefined) return new Map();
    const map = new CodeMap(symbols.imageSizeBytes);
    for (const pc of executed.of(vm)) {
      const offset = offsetOf(pc);
      if (offset !== undefined) map.mark(offset);
    }
    return coveredFunctions(symbols.symbols, `${payload.kernelPath}.functions`, map);
  }
}

function linesOf(
  { vm, payload, path }: CoveredGuest,
  debug: DebugFile,
  executed: ExecutedInstructions,
  offsetOf: (pc: bigint) => number | undefined,
  sink: DiagnosticSink,
): CoveredFiles {
  const { code, imageStart } = debug;
  const [first, last] = [code[0], code.at(-1)];
  if (first === undefined || last === undefined) throw new Refusal('it has no sections with code');
  const sizeBytes = Number(last.address - first.address) + last.sizeBytes;
  if (sizeBytes > CODE_LIMIT_BYTES) throw new Refusal('its code is no kernel: it lies too far apart');
  const isWhole = ramBaseOf(payload.images.kernel) !== undefined || imageStart === undefined;
  const map = new CodeMap(sizeBytes);
  for (const pc of executed.of(vm)) {
    const offset = isWhole ? undefined : offsetOf(pc);
    const address = isWhole
      ? debug.linkAddress(pc)
      : offset === undefined
        ? undefined
        : (imageStart ?? 0n) + BigInt(offset);
    if (address !== undefined) map.mark(Number(address - first.address));
  }
  const damage: { readonly offset: number; readonly reason: string }[] = [];
  const covered = coveredLines(debug, first.address, map, (offset, reason) =>
    damage.push({ offset, reason }),
  );
  const [worst] = damage;
  if (worst !== undefined)
    sink.report(runCodes['lines-damaged'].at({ file: path ?? '' }, { ...worst, count: damage.length }));
  return covered;
}

const KERNEL_HALF = 1n << 63n;

/** How far behind its Image's beginning a Linux has an address: where it was put while its MMU is off, then where it sees itself. */
function imageOffsets(
  vm: string,
  { session }: Run,
  executed: ExecutedInstructions,
): (pc: bigint) => number | undefined {
  const entry = session.record.entryPoints.get(vm);
  const base = executed.imageBase(vm);
  return (pc) => {
    const from = (pc & KERNEL_HALF) === 0n ? entry : base;
    return from === undefined ? undefined : Number(pc - from);
  };
}

function isOfAnotherBuild({ buildId }: DebugFile, { images }: RunPayload): boolean {
  return buildId !== undefined && buildId.length > 0 && !contains(images.kernel, buildId);
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  return false;
}
