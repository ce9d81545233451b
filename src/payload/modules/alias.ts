/**
 * Which modules drive which devices of a board: aliases such as `of:N*T*Cvendor,device` against the enabled nodes of a
 * device tree (Linux, scripts/mod/file2alias.c, drivers/of/device.c `of_device_modalias`).
 */
import { matchesGlob } from '../../base/index.ts';
import { type DeviceTree, type DtNode, nodesUnder, stringsProperty } from '../../devicetree/index.ts';

/** An alias pattern that names a device tree device. */
export interface OfAlias {
  readonly module: string;
  readonly pattern: string;
}

/** A device and the modules whose aliases match it. */
export interface DeviceModules {
  readonly node: DtNode;
  readonly modules: readonly string[];
}

/** Every enabled device for which a module announces itself, in the tree's order. */
export function modulesForBoard(tree: DeviceTree, aliases: readonly OfAlias[]): readonly DeviceModules[] {
  const byCompatible = new Map<string, OfAlias[]>();
  for (const alias of aliases) {
    const compatible = compatibleOf(alias.pattern);
    const alike = byCompatible.get(compatible);
    if (alike === undefined) byCompatible.set(compatible, [alias]);
    else alike.push(alias);
  }
  const found: DeviceModules[] = [];
  const disabled = new Set<DtNode>();
  for (const node of nodesUnder(tree.root)) {
    if (isDisabled(node) || (node.parent !== undefined && disabled.has(node.parent))) {
      disabled.add(node);
      continue;
    }
    const compatible = stringsProperty(node, 'compatible') ?? [];
    const candidates = compatible.flatMap((text) => byCompatible.get(text) ?? []);
    const modalias = modaliasOf(node, compatible);
    const modules = candidates
      .filter(({ pattern }) => matchesGlob(pattern, modalias))
      .map(({ module }) => module);
    if (modules.length > 0) found.push({ node, modules: [...new Set(modules)] });
  }
  return found;
}

/** DTSpec 0.4 §2.3.4: a node without `status` is "okay". */
function isDisabled(node: DtNode): boolean {
  const status = stringsProperty(node, 'status')?.[0];
  return status !== undefined && status !== 'okay' && status !== 'ok';
}

function modaliasOf(node: DtNode, compatible: readonly string[]): string {
  const type = stringsProperty(node, 'device_type')?.[0] ?? '(null)';
  return `of:N${node.baseName}T${type}${compatible.map((text) => `C${text.replaceAll(' ', '_')}`).join('')}`;
}

/** `vendor,device` of `of:N*T*Cvendor,device` and of `of:N*T*Cvendor,deviceC*`. */
function compatibleOf(pattern: string): string {
  return /^of:N[^T]*T[^C]*C(.*?)(?:C\*|\*)?$/.exec(pattern)?.[1] ?? '';
}
