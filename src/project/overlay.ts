/**
 * The guest's tree as an overlay: a second `/ { … };` after the board's own source, the way that libvmm's and LionsOS's
 * examples write theirs (their `dtscat` puts the files together). What goes is deleted first; then everything is set. An
 * overlay of the other kind (`.dtbo`) cannot delete.
 */
import type { EditValue, GuestPlan, Plan, TreeEdit } from '../plan/index.ts';
import { blockComment, headerLines } from './header.ts';

interface OverlayNode {
  /** Of a node that is new: why it is there. */
  why: string | undefined;
  readonly properties: string[];
  readonly deletions: string[];
  readonly children: Map<string, OverlayNode>;
}

/** A guest's edits as device tree source, for `dtscat`. */
export function overlayText(plan: Plan, guest: GuestPlan): string {
  const deletions = newNode();
  const settings = newNode();
  for (const edit of guest.edits) place(edit, deletions, settings);
  const header = headerLines(
    plan,
    `Device tree overlay of the guest "${guest.name}", for the board's own source.`,
  );
  return [
    blockComment([...header, `dtscat BOARD.dts ${guest.name}.overlay.dts > ${guest.name}.dts`]),
    ...(isEmpty(deletions) ? [] : [`/ {\n${body(deletions, 1)}};`]),
    `/ {\n${body(settings, 1)}};`,
    '',
  ].join('\n\n');
}

function newNode(): OverlayNode {
  return { why: undefined, properties: [], deletions: [], children: new Map() };
}

function isEmpty(node: OverlayNode): boolean {
  return node.properties.length + node.deletions.length + node.children.size === 0;
}

function place(edit: TreeEdit, deletions: OverlayNode, settings: OverlayNode): void {
  const why = comment(edit.why);
  switch (edit.kind) {
    case 'delete-node': {
      const cut = edit.path.lastIndexOf('/');
      const name = edit.path.slice(cut + 1);
      nodeAt(deletions, edit.path.slice(0, cut)).deletions.push(`/delete-node/ ${name};${why}`);
      return;
    }
    case 'delete-property':
      nodeAt(deletions, edit.path).properties.push(`/delete-property/ ${edit.property};${why}`);
      return;
    case 'set': {
      const node = nodeAt(settings, edit.path);
      node.properties.push(assignment(edit.property, edit.value) + (node.why === edit.why ? '' : why));
      return;
    }
    case 'add-node':
      nodeAt(settings, edit.path).why = edit.why;
  }
}

function comment(why: string): string {
  return ` /* ${why.replaceAll('*/', '* /')} */`;
}

function nodeAt(root: OverlayNode, path: string): OverlayNode {
  let node = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    let child = node.children.get(name);
    if (child === undefined) {
      child = newNode();
      node.children.set(name, child);
    }
    node = child;
  }
  return node;
}

function body(node: OverlayNode, depth: number): string {
  const indent = '\t'.repeat(depth);
  const lines = [...node.properties, ...node.deletions].map((line) => `${indent}${line}\n`);
  const children = [...node.children].map(
    ([name, child]) =>
      `${indent}${name} {${child.why === undefined ? '' : comment(child.why)}\n${body(child, depth + 1)}${indent}};\n`,
  );
  return [...lines, ...children].join('');
}

function assignment(property: string, value: EditValue): string {
  switch (value.type) {
    case 'flag':
      return `${property};`;
    case 'strings':
      return `${property} = ${value.strings.map(quoted).join(', ')};`;
    case 'cells':
      return `${property} = <${value.cells.map((cell) => `0x${cell.toString(16)}`).join(' ')}>;`;
    case 'bytes':
      return `${property} = [${value.hex.replaceAll(/(..)(?=.)/g, '$1 ')}];`;
  }
}

/** Strings keep their bytes: what is not plain ASCII is written as an octal escape. */
function quoted(text: string): string {
  const escaped = [...text].map((char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    const code = char.charCodeAt(0);
    return code >= 0x20 && code < 0x7f ? char : `\\${code.toString(8).padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
