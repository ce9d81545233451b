/** What was measured of kernels and ramdisks, kept while the files are of the same size and time: they are read whole to be measured. */
import { type Diagnostic, DiagnosticSink, type HostFiles } from '../base/index.ts';
import type { PlanRequest } from '../plan/index.ts';
import { measurePayloads, type PlanReaders } from '../workspace/index.ts';

interface Measured {
  readonly key: string;
  readonly facts: ReturnType<typeof measurePayloads>;
  readonly found: readonly Diagnostic[];
}

/** More requests than are open at once. */
const KEPT_MAX = 8;

/** Measures over some host, each set of files once while they stay the same. */
export class PayloadCache {
  readonly #kept: Measured[] = [];

  /** As {@link measurePayloads} measures, with the same findings each time. */
  readonly measure: PlanReaders['measure'] = (host, request, locate, sink) => {
    const key = keyOf(host.files, request, locate);
    let kept = key === undefined ? undefined : this.#kept.find((each) => each.key === key);
    if (kept === undefined) {
      const own = new DiagnosticSink();
      kept = { key: key ?? '', facts: measurePayloads(host, request, locate, own), found: own.sorted() };
      if (key !== undefined) this.#kept.unshift(kept);
      this.#kept.length = Math.min(this.#kept.length, KEPT_MAX);
    }
    for (const diagnostic of kept.found) sink.report(diagnostic);
    return kept.facts;
  };
}

/** What tells the files from others; `undefined` where the host does not know when they changed. */
function keyOf(
  files: Pick<HostFiles, 'status'>,
  request: PlanRequest,
  locate: (path: string) => string,
): string | undefined {
  const parts = request.guests.map(({ name, kernel, initrd }) => [
    name,
    ...[kernel, ...(initrd === undefined ? [] : [initrd])].map((path) => {
      const status = files.status(locate(path));
      return {
        path: locate(path),
        ...status,
        isKnown: status === undefined || status.modifiedMs !== undefined,
      };
    }),
  ]);
  const isKnown = parts.flat().every((part) => typeof part === 'string' || part.isKnown);
  return isKnown ? JSON.stringify(parts) : undefined;
}
