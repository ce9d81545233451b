/** From a request to a running guest, as a person would: `plan`, then the project's files and the payload's images. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink } from '../../src/base/index.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Board, readDtb, resolveTree } from '../../src/devicetree/index.ts';
import { plainSource, readDescription } from '../../src/microkit/index.ts';
import { nodeHost } from '../../src/node/host.ts';
import type { Plan } from '../../src/plan/index.ts';
import { GuestRun } from './guest-run.ts';

export interface BootRequest {
  /** The request file. */
  readonly request: string;
  /** The board's tree. */
  readonly dtb: string;
  /** What `drivervm payload debian` wrote. */
  readonly payload: string;
  /** Where the project goes. */
  readonly output: string;
}

export type Planned = ({ readonly plan: Plan; readonly guest: GuestRun } | { readonly refused: true }) & {
  /** What `plan` said beside its report. */
  readonly said: string;
};

/** Plans a request and loads what was written; the guest has not run yet. */
export async function planAndLoad({ request, dtb, payload, output }: BootRequest): Promise<Planned> {
  let said = '';
  const status = await runCommandLine(
    ['plan', request, '-o', output, '--bootargs', 'earlycon cryptomgr.notests'],
    {
      host: nodeHost(),
      stdout: { write: () => true },
      stderr: { write: (text: string | Uint8Array) => (said += String(text)) },
    },
  );
  if (status !== 0) return { refused: true, said };
  const plan = JSON.parse(readFileSync(join(output, 'plan.json'), 'utf8')) as Plan;
  const name = `${plan.name}.system`;
  const read = readDescription(
    plainSource(name, readFileSync(join(output, name), 'utf8')),
    new DiagnosticSink(),
  );
  assert.ok(read !== undefined, name);
  const images = {
    kernel: readFileSync(join(payload, 'Image')),
    dtb: readFileSync(join(output, 'linux.dtb')),
    initrd: readFileSync(join(payload, 'initrd.cpio')),
  };
  const guest = new GuestRun({
    board: resolvedTree(dtb),
    description: read.description,
    payload: { images, tree: resolvedTree(join(output, 'linux.dtb')) },
  });
  return { plan, guest, said };
}

function resolvedTree(path: string): Board {
  const tree = readDtb(readFileSync(path), path, new DiagnosticSink());
  assert.ok(tree !== undefined, path);
  return resolveTree(tree);
}
