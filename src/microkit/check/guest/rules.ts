/** Checks each virtual machine against the tree that its guest is given. */
import type { CheckContext, GuestTree, Monitor, Rule } from '../context.ts';
import { boardCodes } from '../tree/diagnostics.ts';
import {
  devicesAreMapped,
  irqsAreReceived,
  phandlesLead,
  providersAreEnabled,
  servedPagesFault,
  virtioIsUnmapped,
} from './devices.ts';
import { cpusAreThere, gicIsInPlace, gicIsUnmapped, gicvIsMapped, psciIsCalledRightly } from './firmware.ts';
import { dmaFindsMemory, initrdIsInMemory, memoryIsMapped, memoryIsUsable } from './memory.ts';
import { GuestView } from './view.ts';

const RULES: readonly ((view: GuestView) => void)[] = [
  devicesAreMapped,
  irqsAreReceived,
  virtioIsUnmapped,
  servedPagesFault,
  phandlesLead,
  providersAreEnabled,
  memoryIsMapped,
  memoryIsUsable,
  initrdIsInMemory,
  dmaFindsMemory,
  psciIsCalledRightly,
  cpusAreThere,
  gicIsInPlace,
  gicIsUnmapped,
  gicvIsMapped,
];

function monitorOf(context: CheckContext, guest: GuestTree): Monitor | undefined {
  const { monitors } = context;
  if (guest.vm !== undefined) return monitors.find(({ vm }) => vm.name === guest.vm);
  return monitors.length === 1 ? monitors[0] : undefined;
}

function guestFitsItsTree(context: CheckContext): void {
  for (const guest of context.options.guests ?? []) {
    const monitor = monitorOf(context, guest);
    if (monitor === undefined) {
      if (!context.isComplete('virtual_machine')) continue;
      const params = { vm: guest.vm ?? '', known: context.monitors.map(({ vm }) => vm.name) };
      context.sink.report(boardCodes['guest-unknown'].at({ file: context.origins.file }, params));
      continue;
    }
    const view = new GuestView(context, monitor, guest);
    for (const rule of RULES) rule(view);
  }
}

export const GUEST_RULES: readonly Rule[] = [guestFitsItsTree];
