/**
 * Who shares devices with whom in a system description, as far as it tells by itself: a component by the name of its image, and
 * what is at the other end of a channel by the symbols that its program is told the channel by.
 */
import type { ChannelId } from '../base/index.ts';
import {
  CHANNEL_LIMIT,
  type ChannelEnd,
  type ProtectionDomain,
  protectionDomainsOf,
  type SystemDescription,
} from '../microkit/index.ts';
import {
  type Component,
  type ConnectionEnd,
  channelSymbol,
  DEVICE_CLASSES,
  type DeviceClass,
  type Role,
  sharedClass,
  symbolOf,
} from './classes.ts';

/** A domain's end of a connection. */
export interface SharedEnd {
  readonly pd: string;
  readonly role: Role;
  readonly channel: ChannelId;
  /** Which of its connections of this kind it is, where it may have several: a component's clients are numbered so. */
  readonly number?: number;
}

/** A connection between two domains, of a class of devices. */
export interface SharedLink {
  readonly class: DeviceClass;
  readonly ends: readonly [SharedEnd, SharedEnd];
}

type Runs = Pick<ProtectionDomain, 'programImage'>;

/** What a domain is to which class of devices, by the name of its image, wherever that lies. */
export function componentOf({
  programImage,
}: Runs): { readonly class: DeviceClass; readonly component: Component } | undefined {
  const image = programImage === undefined ? undefined : imageName(programImage.path);
  for (const name of DEVICE_CLASSES) {
    const component = sharedClass(name).components.find((candidate) => candidate.image === image);
    if (component !== undefined) return { class: name, component };
  }
  return undefined;
}

/** A program's name of its image's path: without directories and `.elf`. */
export function imageName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The links of a description, in the order of its channels. */
export function sharedLinks(description: SystemDescription): readonly SharedLink[] {
  const components = new Map(
    [...protectionDomainsOf(description)].map((domain) => [domain.name, componentOf(domain)]),
  );
  const as = (class_: DeviceClass, end: ConnectionEnd, { pd, id, setvarId }: ChannelEnd) => {
    const shared = { pd, role: end.role, channel: id };
    const component = components.get(pd);
    const number = setvarId === undefined ? undefined : numberOf(end, setvarId);
    const isComponent = component?.class === class_ && component.component.role === end.role;
    const mayBeAnything = !sharedClass(class_).components.some(({ role }) => role === end.role);
    // A driver's and a client's programs have names of their own; a component's symbols are all that tells its channels apart.
    if (mayBeAnything ? component !== undefined : !isComponent || number === undefined) return undefined;
    return end.numbered && number !== undefined ? { ...shared, number } : shared;
  };
  return description.channels.flatMap(({ ends: [one, other] }): readonly SharedLink[] => {
    for (const name of DEVICE_CLASSES) {
      for (const { ends } of sharedClass(name).connections) {
        for (const [first, second] of [
          [one, other],
          [other, one],
        ] as const) {
          const [left, right] = [as(name, ends[0], first), as(name, ends[1], second)];
          if (left !== undefined && right !== undefined) return [{ class: name, ends: [left, right] }];
        }
      }
    }
    return [];
  });
}

/** The number in a channel's symbol, 0 where there is but one; `undefined` where it is not this end's. */
function numberOf(end: ConnectionEnd, setvarId: string): number | undefined {
  for (let number = 0; number < (end.numbered ? CHANNEL_LIMIT : 1); number += 1) {
    if (channelSymbol(symbolOf(end, number)) === setvarId) return number;
  }
  return undefined;
}

/** A link's end in this domain, and the other. */
export function endsIn<End extends { readonly pd: string }>(
  { ends: [first, second] }: { readonly ends: readonly [End, End] },
  pd: string,
): { readonly own: End; readonly other: End } | undefined {
  if (first.pd === pd) return { own: first, other: second };
  return second.pd === pd ? { own: second, other: first } : undefined;
}
