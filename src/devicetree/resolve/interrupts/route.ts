/**
 * Follows an interrupt from a device through every controller to the GIC. After DTSpec 0.4 §2.4 and the rules in
 * `rules.ts`. Trees may be hostile: chains have a limit, and a controller that is its own ancestor is a loop.
 */
import type { DtNode } from '../../tree.ts';
import { stringsProperty } from '../../value.ts';
import { isPciBus } from '../bus.ts';
import type { InterruptReason } from '../reasons.ts';
import { statusIn, type TreeIndex } from '../tree-index.ts';
import { gicVersionOf, readGicSpecifier } from './gic-specifier.ts';
import {
  type ChainStep,
  type GicInterrupt,
  type Interrupt,
  type InterruptRoute,
  type Sense,
  type StepKind,
  triggerOf,
} from './interrupt.ts';
import { hasBareMap } from './passing.ts';
import type { RuleStep } from './rule.ts';
import { ruleOf } from './rules.ts';
import {
  InterruptParents,
  interruptMapRows,
  type MapRow,
  type Specifier,
  type SpecifierEntry,
  specifiersOf,
  throughMap,
} from './specifiers.ts';

/** Controllers between a device and the GIC; real trees have up to 4. */
const MAX_CHAIN = 32;

type Reach = 'direct' | 'cascaded' | 'allocated';
interface Found {
  readonly reach: Reach;
  readonly gic: readonly GicInterrupt[];
  readonly chain: readonly ChainStep[];
}

/** Resolves the interrupts of one tree, each controller's own once. */
export class InterruptRouter {
  readonly #index: TreeIndex;
  readonly #parents: InterruptParents;
  readonly #own = new Map<DtNode, readonly Interrupt[]>();
  readonly #outputs = new Map<DtNode, readonly Interrupt[]>();
  readonly #lines = new Map<DtNode, Map<string | undefined, Lines>>();
  readonly #outputLines = new Map<DtNode, Lines>();
  readonly #choices = new Map<DtNode, Map<Sense, readonly GicInterrupt[]>>();
  readonly #maps = new Map<DtNode, readonly MapRow[] | undefined>();
  /** Controllers whose own interrupts are being resolved: coming back to one is a loop. */
  readonly #open = new Set<DtNode>();

  constructor(index: TreeIndex) {
    this.#index = index;
    this.#parents = new InterruptParents(index);
  }

  /**
   * Every interrupt of a node: those that it names, for a PCI host the wires that its `interrupt-map` routes, and for a
   * controller that allocates the lines that it chooses from.
   */
  interruptsOf(node: DtNode): readonly Interrupt[] {
    const own = this.#ownOf(node);
    const wires = isPciBus(node) && node.properties.has('interrupt-map') ? this.#wiresOf(node) : [];
    const outputs = node.properties.has('compatible') ? this.#outputsOf(node) : [];
    return wires.length === 0 && outputs.length === 0 ? own : [...own, ...wires, ...outputs];
  }

  /** The controller that a node's `interrupts` are written for. */
  parentOf(node: DtNode): DtNode | undefined {
    const parent = this.#parents.of(node);
    return typeof parent === 'string' ? undefined : parent;
  }

  #ownOf(node: DtNode): readonly Interrupt[] {
    const known = this.#own.get(node);
    if (known !== undefined) return known;
    if (!node.properties.has('interrupts') && !node.properties.has('interrupts-extended')) return [];
    if (this.#open.has(node)) return [{ index: 0, property: 'interrupts', ...stopped([], 'loop', node) }];
    if (this.#open.size >= MAX_CHAIN) {
      return [{ index: 0, property: 'interrupts', ...stopped([], 'too-long', node) }];
    }
    this.#open.add(node);
    const { property, entries } = specifiersOf(this.#index, this.#parents, node);
    const names = node.properties.has('interrupt-names')
      ? (stringsProperty(node, 'interrupt-names') ?? [])
      : [];
    const interrupts: Interrupt[] = [];
    for (const [index, entry] of entries.entries()) {
      if (entry === undefined) continue;
      const name = names[index];
      const route = this.#routeEntry(entry);
      interrupts.push(
        name === undefined || name === ''
          ? { index, property, ...route }
          : { index, name, property, ...route },
      );
    }
    this.#open.delete(node);
    this.#own.set(node, interrupts);
    return interrupts;
  }

  /** The rows of a PCI host's map: one for each wire and slot that it tells apart. */
  #wiresOf(host: DtNode): readonly Interrupt[] {
    const rows = this.#mapOf(host);
    if (rows === undefined) return [{ index: 0, property: 'interrupt-map', ...stopped([], 'bad-map', host) }];
    return rows.map(({ specifier, to }, index) => ({
      index,
      property: 'interrupt-map',
      ...this.#route(to, [{ controller: host, specifier, step: 'nexus' }]),
    }));
  }

  #outputsOf(controller: DtNode): readonly Interrupt[] {
    const known = this.#outputs.get(controller);
    if (known !== undefined) return known;
    const { outputs } = ruleOf(this.#index, controller);
    if (outputs === undefined || this.#open.has(controller) || this.#open.size >= MAX_CHAIN) return [];
    this.#open.add(controller);
    const parent = this.#above(controller);
    const { property, specifiers } = outputs(controller, parent);
    const interrupts = specifiers.map((cells, index): Interrupt => {
      const head = { index, property };
      if (parent === undefined) return { ...head, ...stopped([], 'no-parent', controller) };
      return { ...head, ...this.#route({ parent, cells, unitAddress: [] }, []) };
    });
    this.#open.delete(controller);
    this.#outputs.set(controller, interrupts);
    return interrupts;
  }

  /** The controller above a controller, which is never the controller itself. */
  #above(controller: DtNode): DtNode | undefined {
    const parent = this.parentOf(controller);
    return parent === controller ? undefined : parent;
  }

  #mapOf(nexus: DtNode, bare = false): readonly MapRow[] | undefined {
    if (!this.#maps.has(nexus)) this.#maps.set(nexus, interruptMapRows(this.#index, nexus, bare));
    return this.#maps.get(nexus);
  }

  #routeEntry(entry: Exclude<SpecifierEntry, undefined>): InterruptRoute {
    return 'reason' in entry ? stopped([], entry.reason, entry.at) : this.#route(entry, []);
  }

  #route(from: Specifier, before: readonly ChainStep[]): InterruptRoute {
    const chain: ChainStep[] = [...before];
    let at = from;
    while (chain.length < MAX_CHAIN) {
      const controller = at.parent;
      const gic = gicVersionOf(this.#index, controller);
      if (gic !== undefined && this.#isRoot(controller)) {
        chain.push({ controller, specifier: at.cells, step: 'gic' });
        const interrupt = readGicSpecifier(gic, at.cells, (phandle) => this.#index.phandles.get(phandle));
        if (interrupt === undefined) return stopped(chain, 'bad-specifier', controller);
        return { chain, reach: 'direct', gic: [interrupt] };
      }
      const next = this.#step(at, chain);
      if (!('parent' in next)) return next;
      at = next;
    }
    return stopped(chain, 'too-long', at.parent);
  }

  /** A GIC that hands its own output to another controller is a cascade: Tegra's audio GIC. */
  #isRoot(gic: DtNode): boolean {
    const parent = this.#above(gic);
    return parent === undefined || !gic.properties.has('interrupts') || this.#passesBack(parent, gic);
  }

  /** Whether the controller above a GIC is one that hands on to this GIC: the inherited parent of the whole board. */
  #passesBack(from: DtNode, gic: DtNode): boolean {
    const seen = new Set<DtNode>();
    for (let at: DtNode | undefined = from; at !== undefined && !seen.has(at); at = this.#above(at)) {
      if (at === gic) return true;
      seen.add(at);
    }
    return false;
  }

  /** One controller: on to the one above, or to where the interrupt comes out. */
  #step(at: Specifier, chain: ChainStep[]): Specifier | InterruptRoute {
    const controller = at.parent;
    const goOn = (step: StepKind | undefined) =>
      chain.push({ controller, specifier: at.cells, ...(step === undefined ? {} : { step }) });
    if (!statusIn(this.#index, controller).enabled) {
      goOn(undefined);
      return stopped(chain, 'controller-disabled', controller);
    }
    const isController = controller.properties.has('interrupt-controller');
    const above = this.#above(controller);
    const hasMap = controller.properties.has('interrupt-map') && !hasBareMap(this.#index, controller);
    if (hasMap) {
      // A map comes first, also at a controller (of_irq_parse_raw); a row that leads back means the controller itself.
      const next = this.#throughMap(at, chain);
      if (!('parent' in next) || next.parent !== controller) return next;
      chain.pop();
    } else if (!isController) {
      goOn('passes');
      // DTSpec has only controllers and nexuses; the kernel passes anything else by (of_irq_parse_raw).
      return above === undefined ? stopped(chain, 'not-a-controller', controller) : { ...at, parent: above };
    }
    const outcome = ruleOf(this.#index, controller).resolve({
      controller,
      cells: at.cells,
      lineCount: this.#lineCount(controller),
      parent: above,
      nodeOf: (phandle) => this.#index.phandles.get(phandle),
    });
    return this.#follow(outcome, at, above, chain);
  }

  #lineCount(controller: DtNode): number {
    // Only asked of controllers; their own interrupts are needed next anyway, unless the chain has come back.
    return this.#open.has(controller) ? 0 : this.#ownOf(controller).length;
  }

  #follow(
    outcome: RuleStep,
    at: Specifier,
    above: DtNode | undefined,
    chain: ChainStep[],
  ): Specifier | InterruptRoute {
    const controller = at.parent;
    const push = (step: StepKind) => chain.push({ controller, specifier: at.cells, step });
    switch (outcome.to) {
      case 'parent':
        push(outcome.step);
        if (above === undefined) return stopped(chain, 'no-gic', controller);
        return { parent: above, cells: outcome.cells, unitAddress: [] };
      case 'map':
        return this.#throughMap(at, chain, outcome.bare);
      case 'own':
        push('cascades');
        return this.#gather(
          outcome.indices === undefined
            ? this.#allLines(controller, undefined)
            : this.#someLines(controller, outcome.indices),
          above,
          chain,
          controller,
        );
      case 'of':
        push('cascades');
        return this.#gather(this.#allLines(outcome.node, outcome.names), above, chain, outcome.node);
      case 'outputs':
        push('allocates');
        return this.#choose(controller, outcome.sense, chain);
      case 'outputs-of': {
        push('allocates');
        if (ruleOf(this.#index, outcome.node).outputs !== undefined) {
          return this.#choose(outcome.node, outcome.sense, chain);
        }
        const lines = this.#allLines(outcome.node, undefined);
        if (lines.lineCount === 0) return stopped(chain, 'message', outcome.node);
        return this.#gather(lines, above, chain, outcome.node);
      }
      case 'nowhere':
        chain.push({ controller, specifier: at.cells });
        return stopped(chain, outcome.reason, controller);
    }
  }

  #throughMap(at: Specifier, chain: ChainStep[], bare = false): Specifier | InterruptRoute {
    const nexus = at.parent;
    chain.push({ controller: nexus, specifier: at.cells, step: 'nexus' });
    const rows = this.#mapOf(nexus, bare);
    if (rows === undefined) return stopped(chain, 'bad-map', nexus);
    return throughMap(rows, nexus, at) ?? stopped(chain, 'not-mapped', nexus);
  }

  /** Where a controller's own interrupts come out is where its inputs do. */
  #gather(lines: Lines, above: DtNode | undefined, chain: readonly ChainStep[], at: DtNode): InterruptRoute {
    if (lines.chosen.length === 0) {
      if (lines.lineCount > 0) return stopped(chain, 'not-mapped', at);
      return stopped(chain, above === undefined ? 'no-gic' : 'unknown-controller', at);
    }
    if (lines.gic.length === 0 && lines.first?.reach === 'none') {
      return stopped([...chain, ...lines.first.chain], lines.first.reason, lines.first.at);
    }
    return { chain: [...chain, ...(lines.first?.chain ?? [])], reach: 'cascaded', gic: lines.gic };
  }

  /** All interrupts of a node, or those of some names, put together once. */
  #allLines(node: DtNode, names: readonly string[] | undefined): Lines {
    const own = this.#ownOf(node);
    const known = this.#lines.get(node)?.get(names?.[0]);
    if (known !== undefined && known.own === own) return known;
    const chosen =
      names === undefined ? own : own.filter(({ name }) => name !== undefined && names.includes(name));
    const lines = linesOf(own, chosen);
    const byName = this.#lines.get(node) ?? new Map<string | undefined, Lines>();
    byName.set(names?.[0], lines);
    this.#lines.set(node, byName);
    return lines;
  }

  /** The interrupts of these indices. */
  #someLines(node: DtNode, indices: readonly number[]): Lines {
    const own = this.#ownOf(node);
    const chosen = indices.map((index) => interruptAt(own, index)).filter((found) => found !== undefined);
    return linesOf(own, chosen);
  }

  /** The lines that a controller allocates from, put together once. */
  #allOutputs(node: DtNode): Lines {
    const outputs = this.#outputsOf(node);
    const known = this.#outputLines.get(node);
    if (known?.own === outputs) return known;
    const lines = linesOf(outputs, outputs);
    this.#outputLines.set(node, lines);
    return lines;
  }

  #choose(node: DtNode, sense: Sense, chain: readonly ChainStep[]): InterruptRoute {
    const { gic, first } = this.#allOutputs(node);
    if (gic.length === 0) {
      return stopped(chain, first?.reach === 'none' ? first.reason : 'not-mapped', node);
    }
    const bySense = this.#choices.get(node) ?? new Map<Sense, readonly GicInterrupt[]>();
    const lines =
      bySense.get(sense) ??
      (sense === 'unspecified' ? gic : gic.map((line) => ({ ...line, sense, trigger: triggerOf(sense) })));
    this.#choices.set(node, bySense.set(sense, lines));
    return { chain: [...chain, ...(first?.chain ?? [])], reach: 'allocated', gic: lines };
  }
}

/** Interrupts of one controller taken together. */
interface Lines {
  readonly own: readonly Interrupt[];
  readonly lineCount: number;
  readonly chosen: readonly Interrupt[];
  /** The first that reaches the GIC, or else the first. */
  readonly first: Interrupt | undefined;
  readonly gic: readonly GicInterrupt[];
}

function linesOf(own: readonly Interrupt[], chosen: readonly Interrupt[]): Lines {
  const found = chosen.filter((interrupt): interrupt is Interrupt & Found => interrupt.reach !== 'none');
  const gic = uniqueIntids(found.flatMap((interrupt) => interrupt.gic));
  return { own, lineCount: own.length, chosen, first: found[0] ?? chosen[0], gic };
}

/** Indices rise, with gaps where `interrupts-extended` leaves a place empty. */
function interruptAt(interrupts: readonly Interrupt[], index: number): Interrupt | undefined {
  let [low, high] = [0, interrupts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((interrupts[middle]?.index ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return interrupts[low]?.index === index ? interrupts[low] : undefined;
}

function stopped(chain: readonly ChainStep[], reason: InterruptReason, at: DtNode): InterruptRoute {
  return { chain, reach: 'none', reason, at };
}

function uniqueIntids(interrupts: readonly GicInterrupt[]): readonly GicInterrupt[] {
  if (interrupts.length <= 1) return interrupts;
  return [...new Map(interrupts.map((interrupt) => [interrupt.intid, interrupt])).values()];
}
