/** The names of nodes and properties: which characters they have, and how a message names a node. */
import type { DtNode } from './tree.ts';
import { stringOf } from './value.ts';

/** What dtc's source language takes for a node's name; DTSpec 0.4 §2.2.1 has the same less the `@` of the unit address. */
const NODE_NAME = /^[A-Za-z0-9,._+@-]+$/;
/** What dtc takes for a property's name; DTSpec 0.4 §2.2.4.1 has the same less `*`. */
const PROPERTY_NAME = /^[A-Za-z0-9,._+*#?-]+$/;

/** Whether device tree source can write this node name. */
export function isNodeName(name: string): boolean {
  return NODE_NAME.test(name) && name.indexOf('@') === name.lastIndexOf('@');
}

/** Whether device tree source can write this property name. */
export function isPropertyName(name: string): boolean {
  return PROPERTY_NAME.test(name);
}

const LEVELS_SHOWN = 12;
/** All but printable ASCII and the sign of omission. */
const UNPRINTABLE = /[^ -~…]/g;
const NAME_CHARACTERS_SHOWN = 64;

/**
 * The node's path for a message: whole where it is of ordinary depth, else with `…` for the levels in between, so that a
 * hostile tree can't make long messages of short nodes.
 */
export function pathForMessage(node: DtNode): string {
  const names: string[] = [];
  for (let at: DtNode | undefined = node; at?.parent !== undefined; at = at.parent) {
    if (names.length === LEVELS_SHOWN) return `/…/${names.reverse().join('/')}`;
    names.push(nameForMessage(at.name));
  }
  return `/${names.reverse().join('/')}`;
}

/** A name for a message: cut where it is very long, and with nothing in it that a terminal would obey. */
export function nameForMessage(name: string): string {
  return printableName(
    name.length <= NAME_CHARACTERS_SHOWN ? name : `${name.slice(0, NAME_CHARACTERS_SHOWN)}…`,
  );
}

/** The whole name, with what is not printable as `\x1b` and its like. */
export function printableName(name: string): string {
  return name.replace(
    UNPRINTABLE,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Whether the value of a `name` property repeats the node's name, as the kernel and old firmware make it. */
export function isNameOf(node: DtNode, value: Uint8Array): boolean {
  return stringOf(value) === node.baseName;
}
