/**
 * Children by name as libfdt finds them (`fdt_subnode_offset`): a name without a unit address is also that of the first
 * child which has one behind it. Linux itself takes names whole.
 */
import type { DtNode } from '../tree.ts';

export class LooseNames {
  readonly #first = new Map<DtNode, Map<string, DtNode>>();

  child(parent: DtNode, name: string): DtNode | undefined {
    return name.includes('@') ? parent.children.get(name) : this.#firstOf(parent).get(name);
  }

  /** Every child that is added to a tree in use must be told. */
  added(parent: DtNode, child: DtNode): void {
    const first = this.#first.get(parent);
    if (first !== undefined) note(first, child);
  }

  nodeAt(root: DtNode, path: string): DtNode | undefined {
    let node: DtNode | undefined = root;
    for (const name of path.split('/')) {
      if (name !== '') node = node && this.child(node, name);
    }
    return node;
  }

  #firstOf(parent: DtNode): Map<string, DtNode> {
    const known = this.#first.get(parent);
    if (known !== undefined) return known;
    const first = new Map<string, DtNode>();
    for (const child of parent.children.values()) note(first, child);
    this.#first.set(parent, first);
    return first;
  }
}

function note(first: Map<string, DtNode>, child: DtNode): void {
  if (!first.has(child.name)) first.set(child.name, child);
  if (!first.has(child.baseName)) first.set(child.baseName, child);
}
