/**
 * The pins by which slots tell that a card is in them (`cd-gpios`, mmc-controller.yaml): which of a GPIO controller's pins
 * are low, for the disks that are there.
 */
import type { Board, DtNode } from '../devicetree/index.ts';
import { modelFor } from './models.ts';

/** GPIO_ACTIVE_LOW in the second cell (dt-bindings/gpio/gpio.h). */
const ACTIVE_LOW = 1;

export function lowPins(
  board: Board,
  controller: DtNode,
  hasDisk: (path: string) => boolean,
): readonly number[] {
  return board.devices.flatMap(({ node, path, compatible }) => {
    if (modelFor(compatible)?.kind !== 'disk') return [];
    const line = board
      .referencesOf(node)
      .find(({ property, target }) => property === 'cd-gpios' && target === controller);
    const [pin, flags = 0] = line?.args ?? [];
    if (pin === undefined) return [];
    const activeLow = (flags & ACTIVE_LOW) !== 0;
    const inverted = node.properties.has('cd-inverted');
    return hasDisk(path) === (activeLow !== inverted) ? [pin] : [];
  });
}
