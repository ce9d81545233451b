/** Each virtual machine's images, from the flags and the plan, looked at before anything runs. */
import type { DiagnosticSink, Host } from '../base/index.ts';
import { type Board, readDeviceTree, resolveTree, stringsProperty, writeDtb } from '../devicetree/index.ts';
import { protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import type { ProjectGuest } from '../project/index.ts';
import {
  type GuestPayload,
  runCodes,
  type SharedGuest,
  treeWithShares,
  treeWithVcpus,
} from '../run/index.ts';
import type { AddedVirtioDevice } from '../vmm/index.ts';
import { checkInitrd, readKernel } from './image-checks.ts';
import { sourceReading } from './reading.ts';
import type { RunRequest } from './run-request.ts';
import { type OpenShare, shareDevice, sharesOf } from './shares.ts';

const FLAGS = [
  ['guestDtb', '--guest-dtb'],
  ['kernel', '--kernel'],
  ['initrd', '--initrd'],
  ['symbols', '--symbols'],
] as const;

export interface GuestInputs {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly options: RunRequest;
  readonly planned: readonly ProjectGuest[];
  readonly shares: readonly OpenShare[];
}

/** A guest's payload, and where its kernel was found. */
export interface RunPayload extends GuestPayload {
  readonly kernelPath: string;
  /** What its Image was made from, where that was no Image. */
  readonly madeFrom?: string;
}

/** `linux=guest.dtb` names one machine; a path alone is for those that are not named. */
export async function guestPayloads(
  host: Host,
  inputs: GuestInputs,
  sink: DiagnosticSink,
): Promise<ReadonlyMap<string, RunPayload>> {
  const { description, options, planned } = inputs;
  const payloads = new Map<string, RunPayload>();
  for (const { virtualMachine: vm } of protectionDomainsOf(description)) {
    if (vm === undefined) continue;
    const plan = planned.find((guest) => guest.vm === vm.name);
    const dtb = chosenFor(vm.name, options.guestDtb) ?? plan?.dtb;
    const kernel = chosenFor(vm.name, options.kernel) ?? plan?.kernel;
    const initrd = chosenFor(vm.name, options.initrd) ?? plan?.initrd;
    if (dtb === undefined || kernel === undefined) {
      sink.report(runCodes['no-images'].at(undefined, { vm: vm.name }));
      continue;
    }
    const tree = guestTree(host, inputs, vm.name, dtb, sink);
    if (tree === undefined) continue;
    const images = {
      kernel: await readKernel(host, kernel, tree.board, sink),
      ...(initrd === undefined ? {} : { initrd: host.files.read(initrd) }),
    };
    if (initrd !== undefined && images.initrd !== undefined) {
      await checkInitrd(initrd, images.initrd, { vm: vm.name, tree: tree.board }, sink);
    }
    payloads.set(vm.name, {
      images: {
        ...images,
        dtb: tree.dtb,
        watcher: {},
        ...(tree.added.length === 0 ? {} : { added: tree.added }),
      },
      tree: tree.board,
      kernelPath: kernel,
      ...(kernel === plan?.kernel && plan.madeFrom !== undefined ? { madeFrom: plan.madeFrom } : {}),
      ...(plan?.placement === undefined ? {} : { placement: plan.placement }),
    });
  }
  return payloads;
}

/** Flags that name a machine which the description has not; `false` where there are any. */
export function checkNames(
  description: SystemDescription,
  options: RunRequest,
  sink: DiagnosticSink,
): boolean {
  const machines = [...protectionDomainsOf(description)].flatMap(({ virtualMachine: vm }) =>
    vm === undefined ? [] : [vm.name],
  );
  const known = machines.join(', ');
  let good = true;
  for (const [option, flag] of FLAGS) {
    for (const given of options[option] ?? []) {
      const vm = NAMED.exec(given)?.[1];
      if (vm === undefined || machines.includes(vm)) continue;
      sink.report(runCodes['unknown-machine'].at(undefined, { flag, vm, known }));
      good = false;
    }
  }
  return good;
}

const NAMED = /^([^=/]+)=/;

export function chosenFor(vm: string, given: readonly string[] | undefined): string | undefined {
  const named = given?.find((value) => value.startsWith(`${vm}=`));
  return named?.slice(vm.length + 1) ?? given?.find((value) => !NAMED.test(value));
}

export function readBoardTree(
  host: Host,
  path: string,
  options: RunRequest,
  sink: DiagnosticSink,
): Board | undefined {
  const found = readDeviceTree(host.files, path, sourceReading(options), sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}

interface GuestTree {
  readonly board: Board;
  /** The blob that the monitor is handed. */
  readonly dtb: Uint8Array;
  readonly added: readonly AddedVirtioDevice[];
}

/** A guest's tree, with another number of CPUs and directories of the host's where those are asked for. */
function guestTree(
  host: Host,
  { board, description, options, shares }: GuestInputs,
  vm: string,
  path: string,
  sink: DiagnosticSink,
): GuestTree | undefined {
  const found = readDeviceTree(host.files, path, sourceReading(options), sink);
  if (found === undefined) return undefined;
  const guest = resolveTree(found.tree);
  if (!sameBoard(guest, board)) {
    sink.report(runCodes['other-board'].at(undefined, { vm, guest: nameOf(guest), board: nameOf(board) }));
  }
  const tree =
    options.vcpus === undefined
      ? found.tree
      : treeWithVcpus({ board, description, vm, guest }, options.vcpus, sink);
  if (tree === undefined) return undefined;
  const own = sharesOf(vm, shares);
  if (own.length > 0) return treeSharing({ description, vm, guest: resolveTree(tree) }, own, sink);
  const isUnchanged = tree === found.tree && found.form === 'dtb';
  return {
    board: tree === found.tree ? guest : resolveTree(tree),
    dtb: isUnchanged ? host.files.read(path) : writeDtb(tree),
    added: [],
  };
}

function treeSharing(
  facts: SharedGuest,
  shares: readonly OpenShare[],
  sink: DiagnosticSink,
): GuestTree | undefined {
  const derived = treeWithShares(facts, shares.length);
  if (derived === undefined) {
    const reason = `the tree of ${facts.vm} has no interrupt controller for its device`;
    for (const { name, path } of shares)
      sink.report(runCodes['share-not-opened'].at(undefined, { given: `${name}=${path}`, reason }));
    return undefined;
  }
  const added = derived.places.flatMap((place, index) => {
    const share = shares[index];
    return share === undefined ? [] : [{ ...place, createDevice: () => shareDevice(facts.vm, share) }];
  });
  return { board: resolveTree(derived.tree), dtb: writeDtb(derived.tree), added };
}

function compatibleOf({ tree }: Board): readonly string[] {
  return stringsProperty(tree.root, 'compatible') ?? [];
}

function nameOf(board: Board): string {
  return compatibleOf(board)[0] ?? 'a board without a compatible';
}

function sameBoard(a: Board, b: Board): boolean {
  const names = compatibleOf(b);
  return compatibleOf(a).some((name) => names.includes(name));
}
