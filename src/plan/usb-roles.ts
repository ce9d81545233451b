/**
 * USB controllers that are host or device as somebody switches them (`usb-role-switch`): until then Linux's drivers are devices
 * (drivers/usb/dwc3/drd.c, drivers/usb/chipidea/core.c, drivers/usb/gadget/udc/renesas_usb3.c), so that one whose connector has no driver
 * in the guest never is a host.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { stringProperty } from '../devicetree/index.ts';
import { needCodes as codes } from './needs/diagnostics.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import { wayToGive } from './ways-to-give.ts';
import type { World } from './world.ts';

export function reportUnswitchedRoles(
  world: World,
  { request, given }: Scope,
  reasonOf: (unit: Unit) => string,
  sink: DiagnosticSink,
): void {
  for (const unit of given.keys()) {
    if (!isSwitched(unit)) continue;
    const connected = world.references
      .from(unit)
      .flatMap(({ kind, to }) => (kind === 'graph' && to ? [to] : []));
    const [connector] = connected;
    if (connector === undefined || connected.some((each) => given.has(each))) continue;
    const way = wayToGive(world, request, [], connector);
    const facts = { device: unit.path, connector: connector.path, reason: reasonOf(connector), way };
    sink.report(codes['role-not-switched'].at(undefined, facts));
  }
}

/** Whether its role is somebody's to switch, and is not the host's from the beginning (usb/usb-drd.yaml). */
function isSwitched({ node }: Unit): boolean {
  const mode = stringProperty(node, 'dr_mode') ?? 'otg';
  return (
    node.properties.has('usb-role-switch') &&
    mode === 'otg' &&
    stringProperty(node, 'role-switch-default-mode') !== 'host'
  );
}
