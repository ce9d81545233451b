/**
 * What a guest's kernel said of its devices, with what their nodes lost on the way from the board's tree to the guest's: which
 * reference it was, and the line of the request that brings it back.
 */
import type { DiagnosticSink } from '../base/index.ts';
import type { Board, Device } from '../devicetree/index.ts';
import { modelFor } from '../machine/index.ts';
import { kernelMessageCodes as codes } from './console/diagnostics.ts';
import type { KernelMessage } from './console/kernel-messages.ts';
import { LinuxNames } from './linux-names.ts';
import { type LostReference, lostReferences } from './lost-references.ts';
import { givingBack, type Remedy, type RequestFacts } from './remedies.ts';

export interface DeviceFacts extends RequestFacts {
  readonly guestTrees: ReadonlyMap<string, Board>;
  /** What the kernel of a virtual machine said. */
  readonly kernelMessages?: (vm: string) => readonly KernelMessage[];
}

/** Devices told of one by one; the others are named. */
const SHOWN = 12;

export function diagnoseDevices(facts: DeviceFacts, sink: DiagnosticSink): void {
  for (const [vm, guest] of facts.guestTrees) {
    const messages = facts.kernelMessages?.(vm) ?? [];
    if (messages.length > 0) diagnoseGuest(facts, { vm, guest, messages }, sink);
  }
}

interface Guest {
  readonly vm: string;
  readonly guest: Board;
  readonly messages: readonly KernelMessage[];
}

function diagnoseGuest(facts: DeviceFacts, { vm, guest, messages }: Guest, sink: DiagnosticSink): void {
  const names = new LinuxNames(guest);
  const deviceOf = ({ device }: KernelMessage) => (device === undefined ? undefined : names.deviceOf(device));
  const details = new Map<string, string>();
  const stuck = new Set<string>();
  for (const message of messages) {
    if (message.kind === 'detail' && message.device !== undefined)
      details.set(message.device, message.reason ?? '');
    const device = message.kind === 'complaint' ? undefined : deviceOf(message);
    if (device !== undefined && message.kind !== 'detail') stuck.add(device.path);
  }
  const told = messages.filter(({ kind }) => kind !== 'detail');
  for (const message of told.slice(0, SHOWN)) {
    const device = deviceOf(message);
    const detail = message.reason ?? details.get(message.device ?? '');
    const lost = device === undefined ? [] : lostReferences(facts.board, guest, device, stuck);
    const said = {
      vm,
      device: device?.path ?? message.device,
      line: message.line,
      lost,
      ...(detail === undefined || message.line.includes(detail) ? {} : { detail }),
      ...fixOf(facts, vm, device, lost),
    };
    const isModelled = device === undefined || modelFor(device.compatible) !== undefined;
    if (message.kind === 'complaint') {
      sink.report(codes['kernel-complains'].at(undefined, { ...said, meaning: message.meaning ?? '' }));
    } else if (message.kind === 'probe-deferred') {
      sink.report(codes['probe-deferred'].at(undefined, said));
    } else {
      const code = lost.length === 0 && !isModelled ? 'probe-failed-here' : 'probe-failed';
      sink.report(codes[code].at(undefined, { ...said, error: message.error ?? '' }));
    }
  }
  const rest = told.slice(SHOWN).map((message) => deviceOf(message)?.path ?? message.device ?? message.line);
  if (rest.length > 0)
    sink.report(codes['more-kernel-complaints'].at(undefined, { vm, devices: [...new Set(rest)] }));
}

function fixOf(
  facts: DeviceFacts,
  vm: string,
  device: Device | undefined,
  lost: readonly LostReference[],
): { readonly fix?: Remedy } {
  const [first] = lost.filter(({ how }) => how !== 'failed');
  if (device === undefined || first === undefined) return {};
  return { fix: givingBack(facts, vm, device, first) };
}
