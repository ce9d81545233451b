/** Whether a node is meant by what was typed: each word by path, label, compatible, address in its registers, or INTID. */
import { rangeContains } from '../../../../src/base/index.ts';
import type { BoardNode } from '../../worker/board-picture.ts';

export function matches(node: BoardNode, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => {
    const names = `${node.path} ${node.labels.join(' ')} ${node.compatible.join(' ')}`.toLowerCase();
    if (names.includes(word.replace(/^&/, ''))) return true;
    if (/^\d+$/.test(word) && node.intids.includes(Number(word))) return true;
    if (!/^(?:0x)?[0-9a-f]{4,}$/.test(word)) return false;
    const address = Number.parseInt(word.replace(/^0x/, ''), 16);
    return node.registers.some((range) => rangeContains(range, address));
  });
}
