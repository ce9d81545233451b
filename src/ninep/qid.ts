/** What 9P calls a file by: the same qid, the same file. Its version changes with the content, for who keeps some of it. */
import type { HostNodeKind, HostNodeStatus } from '../base/index.ts';

export interface Qid {
  readonly kind: HostNodeKind;
  readonly version: number;
  readonly path: bigint;
}

const VERSION_BITS = 32;
/** Below the version's resolution nothing is lost but bits that a host's clock has no use for. */
const NS_PER_TICK = 1000n;

export function qidOf({ kind, identity, modifiedNs, sizeBytes }: HostNodeStatus): Qid {
  const version = Number(BigInt.asUintN(VERSION_BITS, modifiedNs / NS_PER_TICK + (sizeBytes << 8n)));
  // Linux takes 0 for "no version".
  return { kind, version: version === 0 ? 1 : version, path: identity };
}
