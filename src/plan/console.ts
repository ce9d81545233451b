/** The guest's console: which it is, and whether anything that it waits for can keep it silent. */
import type { DiagnosticSink } from '../base/index.ts';
import type { DtNode, ReferenceKind } from '../devicetree/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import { whyDriverless } from './driverless.ts';
import { firmwareCallerOf } from './firmware.ts';
import { outcomeOf, rateOf } from './outcome.ts';
import type { VirtioPlan } from './plan.ts';
import type { Reference } from './references.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import { selectUnits, type World } from './world.ts';

interface Consoles {
  readonly virtio: readonly VirtioPlan[];
  readonly reasonOf: (unit: Unit) => string;
}

export interface Stdout {
  /** The value of `stdout-path`, where a node stands for the console. */
  readonly value?: string;
  readonly path: string;
}

/** Which console a guest has: the one that it asks for, the board's own, or virtio. */
export function planStdout(
  world: World,
  scope: Scope,
  { virtio, reasonOf }: Consoles,
  sink: DiagnosticSink,
): Stdout | undefined {
  const { board } = world;
  const { stdout: request, name: owner } = scope.request;
  if (request === 'none') return undefined;
  const console = virtio.find(({ kind, consoleOf }) => kind === 'console' && consoleOf === undefined);
  if (
    request === 'virtio' ||
    (request === undefined && console !== undefined && !isGiven(world, scope, board.stdout?.node))
  ) {
    if (console !== undefined) return { path: 'hvc0' };
    sink.report(codes['stdout-not-passed'].at(undefined, { owner, stdout: 'virtio' }));
    return undefined;
  }
  if (request !== undefined) {
    const [unit] = selectUnits(world, [request], scope.request, sink).keys();
    if (unit !== undefined && scope.given.has(unit)) return { value: unit.path, path: unit.path };
    if (unit !== undefined) sink.report(codes['stdout-not-passed'].at(undefined, { owner, stdout: request }));
    return undefined;
  }
  const own = board.stdout;
  if (own === undefined) {
    sink.report(codes['no-console'].at(undefined, { owner, reason: "the board's tree names none" }));
    return undefined;
  }
  const unit = world.units.of(own.node);
  if (unit === undefined || !scope.given.has(unit)) {
    const reason = unit === undefined ? 'no device' : reasonOf(unit);
    sink.report(
      codes['no-console'].at(undefined, { owner, reason: `${own.path} is not passed (${reason})` }),
    );
    return undefined;
  }
  return { value: own.options === undefined ? own.path : `${own.path}:${own.options}`, path: own.path };
}

function isGiven(world: World, scope: Scope, node: DtNode | undefined): boolean {
  const unit = node === undefined ? undefined : world.units.of(node);
  return unit !== undefined && scope.given.has(unit);
}

/** What a UART's driver, or a driver that it waits for, does not start without. */
const WAITED_FOR: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'clock',
  'power-domain',
  'reset',
  'pinctrl',
]);

interface Culprit {
  readonly reference: Reference;
  readonly provider: Unit;
  /** Why it may not answer: the kernel has no driver for it, or the driver asks firmware. */
  readonly why: { readonly driver: string } | { readonly firmware: string };
}

/** Names what is passed and keeps the board's console waiting, with the lines of a request that does without. */
export function reportConsole(
  world: World,
  scope: Scope,
  compatibles: ReadonlySet<string> | undefined,
  sink: DiagnosticSink,
): void {
  const { stdout } = world.board;
  const console = stdout === undefined ? undefined : world.units.of(stdout.node);
  if (console === undefined || !scope.given.has(console)) return;
  const culprits = new Map<Unit, Culprit>();
  const unknownRates = new Set<string>();
  const pending = [console];
  const seen = new Set(pending);
  for (let unit = pending.shift(); unit !== undefined; unit = pending.shift()) {
    for (const reference of world.references.from(unit)) {
      const { kind, to } = reference;
      if (to === undefined || !WAITED_FOR.has(kind)) continue;
      if (outcomeOf(world, scope.request, scope.given, reference) !== 'given') continue;
      const culprit = culpritAt(scope, compatibles, reference, to);
      if (culprit === undefined) {
        if (!seen.has(to)) pending.push(to);
        seen.add(to);
        continue;
      }
      if (!culprits.has(culprit.provider)) culprits.set(culprit.provider, culprit);
      if (kind === 'clock' && rateOf(world, scope.request, reference) === undefined)
        unknownRates.add(unit.path);
    }
  }
  const params = { console: console.path, clocks: [...unknownRates] };
  for (const { reference, provider, why } of culprits.values()) {
    const at = {
      ...params,
      consumer: reference.from.path,
      property: reference.property,
      provider: provider.path,
    };
    if ('driver' in why)
      sink.report(codes['console-without-driver'].at(undefined, { ...at, why: why.driver }));
    else sink.report(codes['console-asks-firmware'].at(undefined, { ...at, firmware: why.firmware }));
  }
}

function culpritAt(
  { given }: Scope,
  compatibles: ReadonlySet<string> | undefined,
  reference: Reference,
  to: Unit,
): Culprit | undefined {
  for (let at: Unit | undefined = to; at !== undefined && given.has(at); at = at.parent) {
    const firmware = firmwareCallerOf(at.compatible)?.firmware;
    if (firmware !== undefined) return { reference, provider: at, why: { firmware } };
  }
  const driver = compatibles === undefined ? undefined : whyDriverless(to, compatibles);
  return driver === undefined ? undefined : { reference, provider: to, why: { driver } };
}
