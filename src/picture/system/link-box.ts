/** The box of a link: the channels of two spaces, and the memory that they share. */
import { shortened } from '../text-width.ts';
import {
  type Arrow,
  type BoxLine,
  changeOf,
  marked,
  NAME_CHARACTERS,
  nameOf,
  regionLine,
  rightText,
  type SizedBox,
  sized,
  sizeText,
  type Tie,
} from './box-lines.ts';
import type { ChannelFact, DomainFact, RegionFact, SpaceKey } from './facts.ts';

export interface Link {
  readonly id: string;
  readonly ends: readonly [SpaceKey, SpaceKey];
  /** Neither end is above the other. */
  readonly isLevel: boolean;
  /** The child, where the one is the other's parent. */
  readonly parents: readonly DomainFact[];
  readonly channels: readonly ChannelFact[];
  readonly regions: readonly RegionFact[];
}

const SHORT_NAME_CHARACTERS = 24;

export function linkBox({ id, ends, isLevel, parents, channels, regions }: Link): SizedBox {
  const [first, second] = ends;
  const idOf = (key: SpaceKey, { id: channel }: { readonly id: number }): string =>
    isLevel ? `${shortened(nameOf(key), SHORT_NAME_CHARACTERS)} ${channel}` : String(channel);
  const changes = new Set([...parents, ...channels, ...regions].map(({ change }) => change));
  const [only] = changes;
  return sized({
    id,
    kind: 'link',
    ...(changes.size === 1 && only !== undefined ? { change: only } : {}),
    lines: [
      ...parents.map(
        ({ name, change }): BoxLine => ({
          text: marked(`${shortened(name, NAME_CHARACTERS)} is its child`, change),
          style: 'note',
        }),
      ),
      ...channels.map((channel): BoxLine => {
        const [one, other] = oriented(channel, first);
        return {
          text: marked(
            `${idOf(first, one)} ${arrowText(one.notifies, other.notifies)} ${idOf(second, other)}${callText(one.calls, other.calls)}`,
            channel.change,
          ),
          style: 'name',
          part: { kind: 'channel', name: channelName(channel) },
          ...changeOf(channel),
        };
      }),
      ...regions.map((region) => {
        const [own, theirs] = [first, second].map((key) =>
          rightText(region.rights.find((right) => right.key === key)),
        );
        const perms = own === theirs ? (own ?? '') : `${own} / ${theirs}`;
        return regionLine(
          marked(`${shortened(region.name, NAME_CHARACTERS)}  ${sizeText(region)}, ${perms}`, region.change),
          region,
        );
      }),
    ],
    title: [
      `${nameOf(first)} and ${nameOf(second)}`,
      ...channels.map(
        ({ ends: [one, other] }) =>
          `channel ${one.id} of ${nameOf(one.key)} is ${other.id} of ${nameOf(other.key)}`,
      ),
      ...regions.map(({ name }) => name),
    ].join('\n'),
  });
}

/** A channel as its ends are told: `uart 0 serial_virt_tx 1`. */
function channelName({ ends }: ChannelFact): string {
  return ends.map(({ key, id }) => `${nameOf(key)} ${id}`).join(' ');
}

function oriented({ ends: [one, other] }: ChannelFact, first: SpaceKey): ChannelFact['ends'] {
  return one.key === first ? [one, other] : [other, one];
}

function arrowText(out: boolean, back: boolean): string {
  if (out && back) return '↔';
  if (out) return '→';
  return back ? '←' : '–';
}

function callText(out: boolean, back: boolean): string {
  if (out && back) return ', call each other';
  if (out) return ', calls →';
  return back ? ', ← calls' : '';
}

export function linkTies(
  id: string,
  [first, second]: readonly [SpaceKey, SpaceKey],
  channels: readonly ChannelFact[],
): readonly [Tie, Tie] {
  const ends = channels.map((channel) => oriented(channel, first));
  const arrow = (fromSecond: boolean): Arrow => {
    const senders = ends.map(([one, other]) => (fromSecond ? other : one));
    if (senders.some(({ calls }) => calls)) return 'called';
    return senders.some(({ notifies }) => notifies) ? 'notified' : 'none';
  };
  const tie = (to: SpaceKey, toTo: Arrow): Tie => ({ kind: 'link', from: id, to, toTo });
  return [tie(first, arrow(true)), tie(second, arrow(false))];
}
