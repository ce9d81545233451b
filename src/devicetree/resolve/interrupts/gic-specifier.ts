/**
 * Specifiers of the GIC: `<type number flags>`. After the kernel's bindings `arm,gic.yaml` and `arm,gic-v3.yaml`, GICv2
 * (IHI 0048B §2.2.1) and GICv3/v4 (IHI 0069H §2.2.1) for the INTIDs. LPIs are never written in a tree.
 */
import { FIRST_SPI, type Intid } from '../../../base/index.ts';
import type { DtNode } from '../../tree.ts';
import { compatibleIn, type TreeIndex } from '../tree-index.ts';
import type { GicInterrupt } from './interrupt.ts';
import { senseOf, triggerOf } from './interrupt.ts';

const GICV2_COMPATIBLES: ReadonlySet<string> = new Set([
  'arm,arm11mp-gic',
  'arm,cortex-a15-gic',
  'arm,cortex-a5-gic',
  'arm,cortex-a7-gic',
  'arm,cortex-a9-gic',
  'arm,eb11mp-gic',
  'arm,gic-400',
  'arm,pl390',
  'arm,tc11mp-gic',
  'brcm,brahma-b15-gic',
  'hisilicon,hip04-intc',
  'qcom,msm-8660-qgic',
  'qcom,msm-qgic2',
]);
const GICV3_COMPATIBLES: ReadonlySet<string> = new Set(['arm,gic-v3', 'qcom,msm8996-gic-v3']);

/** The version of a GIC's architecture, where the node is one that the CPUs' interrupts end at. */
export function gicVersionOf(index: TreeIndex, node: DtNode): 2 | 3 | undefined {
  if (!node.properties.has('interrupt-controller')) return undefined;
  for (const compatible of compatibleIn(index, node)) {
    if (GICV3_COMPATIBLES.has(compatible)) return 3;
    if (GICV2_COMPATIBLES.has(compatible)) return 2;
  }
  return undefined;
}

interface InterruptKind {
  readonly firstIntid: Intid;
  readonly count: number;
  /** The GIC version that first has it. */
  readonly since: 2 | 3;
}
/** By the first cell: SPI, PPI, extended SPI, extended PPI. */
const KINDS: readonly InterruptKind[] = [
  { firstIntid: FIRST_SPI, count: 988, since: 2 },
  { firstIntid: 16, count: 16, since: 2 },
  { firstIntid: 4096, count: 1024, since: 3 },
  { firstIntid: 1056, count: 64, since: 3 },
];
/** Fewer cells can't hold type, number and flags; a GICv2 specifier has exactly these. */
const GIC_CELLS = 3;

export const GIC_TYPE_SPI = 0;

/** The interrupt that a GIC's specifier names, or `undefined` where the GIC has none such. */
export function readGicSpecifier(
  version: 2 | 3,
  specifier: readonly number[],
  nodeOf: (phandle: number) => DtNode | undefined,
): GicInterrupt | undefined {
  const [type = 0, number = 0, flags = 0, affinity = 0] = specifier;
  const kind = KINDS[type];
  if (specifier.length < GIC_CELLS || kind === undefined) return undefined;
  if (kind.since > version || number < 0 || number >= kind.count) return undefined;
  const sense = senseOf(flags);
  const partition = version === 3 && affinity !== 0 ? nodeOf(affinity) : undefined;
  return {
    intid: kind.firstIntid + number,
    trigger: triggerOf(sense),
    sense,
    ...(partition === undefined ? {} : { partition }),
  };
}
