/**
 * The pins by which slots tell that a card is in them (`cd-gpios`, mmc-controller.yaml): which of a GPIO controller's pins
 * are low, for the cards that are in.
 */
import type { Board, DtNode } from '../devicetree/index.ts';
import { modelFor } from './models.ts';

/** GPIO_ACTIVE_LOW in the second cell (dt-bindings/gpio/gpio.h). */
const ACTIVE_LOW = 1;

interface DetectPin {
  readonly slot: string;
  readonly pin: number;
  readonly isLowWithCard: boolean;
}

/** Gives the pins of a controller that are low now; `hasCard` says of a slot, by its path, whether a card is in it. */
export function lowPinsOf(
  board: Board,
  controller: DtNode,
  hasCard: (slot: string) => boolean,
): () => readonly number[] {
  let pins: readonly DetectPin[] | undefined;
  return () => {
    pins ??= detectPins(board, controller);
    return pins.flatMap(({ slot, pin, isLowWithCard }) => (hasCard(slot) === isLowWithCard ? [pin] : []));
  };
}

function detectPins(board: Board, controller: DtNode): readonly DetectPin[] {
  return board.devices.flatMap(({ node, path, compatible }) => {
    if (modelFor(compatible)?.kind !== 'disk') return [];
    const line = board
      .referencesOf(node)
      .find(({ property, target }) => property === 'cd-gpios' && target === controller);
    const [pin, flags = 0] = line?.args ?? [];
    if (pin === undefined) return [];
    const activeLow = (flags & ACTIVE_LOW) !== 0;
    return [{ slot: path, pin, isLowWithCard: activeLow !== node.properties.has('cd-inverted') }];
  });
}
