/**
 * Each board's Ethernet controllers, eMMC and SD hosts and USB hosts, passed one at a time beside the console: whether what
 * their drivers insist on comes along, or the plan warns, and that nothing is lost in silence.
 */
import { DiagnosticSink, hex } from '../../src/base/index.ts';
import { type Board, type Device, resolveTree } from '../../src/devicetree/index.ts';
import { modelFor } from '../../src/machine/index.ts';
import { MICROKIT_BOARDS } from '../../src/microkit/index.ts';
import { makePlan, microkitNameOf, type Plan, readRequest } from '../../src/plan/index.ts';
import { treeOfDtb } from './trees.ts';

export const DEVICE_CLASSES = {
  Ethernet: /^(ethernet|eth|gmac|mac)$/,
  'eMMC, SD': /^(mmc|mmci|sd|sdhci|sdmmc|emmc|dwmmc\d*)$/,
  USB: /^(usb|usb\d|usb3?-?(host|drd|otg)|xhci|ehci|ohci|dwc3|hsusb)$/,
} as const;
export type DeviceClass = keyof typeof DEVICE_CLASSES;

export interface PassedDevice {
  readonly path: string;
  readonly class: DeviceClass;
  /** Whether `run` has a model of it. */
  readonly isModelled: boolean;
  readonly result:
    | { readonly kind: 'given'; readonly providers: number }
    | { readonly kind: 'warned'; readonly providers: number; readonly warnings: readonly Warning[] }
    | { readonly kind: 'refused'; readonly code: string };
  /** What is cut though nobody says that the driver can do without, and no warning names it: to be empty. */
  readonly silent: readonly string[];
}

export interface Warning {
  readonly code: string;
  /** In parentheses in its message: the property. */
  readonly property: string;
}

const ABOUT_DEVICES =
  /^plan\/(keeps-from-probing|may-insist|more-may-insist|cut-insisted|may-be-unpowered|role-not-switched)$/;
const MEASURED = { kernel: { textOffsetBytes: 0, imageSizeBytes: 0x200_0000, fileBytes: 0x1f0_0000 } };
const RAM_BYTES = 128 * 2 ** 20;

/** The devices of a board that the page is about: the outermost of each class, enabled, with registers. */
function devicesOf(board: Board): readonly { readonly device: Device; readonly class: DeviceClass }[] {
  const found: { device: Device; class: DeviceClass }[] = [];
  for (const device of board.devices) {
    if (!device.status.enabled || !device.regs.some(({ cpu }) => cpu !== undefined)) continue;
    for (const [name, pattern] of Object.entries(DEVICE_CLASSES)) {
      if (!pattern.test(device.node.baseName)) continue;
      const isInner = found.some(({ device: outer }) => device.path.startsWith(`${outer.path}/`));
      if (!isInner) found.push({ device, class: name as DeviceClass });
    }
  }
  return found;
}

export function passDevices(name: string, blob: Uint8Array): readonly PassedDevice[] {
  const board = resolveTree(treeOfDtb(blob, name));
  if (board.gic === undefined) return [];
  return devicesOf(board).map((found) => passDevice(name, board, found));
}

/** The `compatible` of each device that a plan for one of the board's says to have no driver among these. */
export function undrivenDevices(
  name: string,
  blob: Uint8Array,
  compatibles: ReadonlySet<string>,
): readonly string[] {
  const board = resolveTree(treeOfDtb(blob, name));
  if (board.gic === undefined) return [];
  const devices = board.devices.filter(
    ({ status, regs, compatible }) =>
      status.enabled && regs.some(({ cpu }) => cpu !== undefined) && compatible[0]?.includes(',') === true,
  );
  const known = new Set(board.devices.flatMap(({ compatible }) => compatible));
  return devices.flatMap(({ path }) => {
    const { sink } = planFor(name, board, path, compatibles);
    return sink
      .sorted()
      .filter(({ code }) => code === 'plan/no-driver')
      .flatMap(({ message }) => message.match(/[\w.+-]+,[\w.+-]+/g) ?? [])
      .filter((word) => known.has(word));
  });
}

function passDevice(
  name: string,
  board: Board,
  { device, class: deviceClass }: { readonly device: Device; readonly class: DeviceClass },
): PassedDevice {
  const { plan, sink } = planFor(name, board, device.path);
  const facts = { path: device.path, class: deviceClass, isModelled: isModelled(device) };
  if (plan === undefined) {
    const error = sink.sorted().find(({ severity }) => severity === 'error');
    return { ...facts, result: { kind: 'refused', code: error?.code ?? 'nothing said' }, silent: [] };
  }
  const about = sink.sorted().filter(({ code }) => ABOUT_DEVICES.test(code));
  const warnings = about.map(({ code, message }) => ({
    code,
    property: /\(([a-z][\w,.-]*)\)[^()]*$/.exec(message)?.[1] ?? '',
  }));
  const providers = (plan.guests[0]?.devices ?? []).filter(({ why }) => why.via !== undefined).length;
  const result =
    warnings.length === 0
      ? ({ kind: 'given', providers } as const)
      : ({ kind: 'warned', providers, warnings } as const);
  return {
    ...facts,
    result,
    silent: silentLosses(
      plan,
      about.map(({ message }) => message),
    ),
  };
}

function isModelled({ compatible }: Device): boolean {
  const kind = modelFor(compatible)?.kind;
  return kind === 'disk' || kind === 'ethernet';
}

const ramBases = new WeakMap<Board, number>();

/** With RAM where the plan's own hint says, where the tree leaves it to the firmware. */
function planFor(
  name: string,
  board: Board,
  path: string,
  compatibles?: ReadonlySet<string>,
): { plan: Plan | undefined; sink: DiagnosticSink } {
  const measured = compatibles === undefined ? MEASURED : { ...MEASURED, compatibles };
  const microkitName = microkitNameOf(board);
  const microkit = microkitName === undefined ? undefined : MICROKIT_BOARDS.get(microkitName);
  const stdout = board.stdout?.path;
  const pass = JSON.stringify([...new Set([...(stdout === undefined ? [] : [stdout]), path])]);
  const attempt = (base: number | undefined) => {
    const sink = new DiagnosticSink();
    const at = base === undefined ? '' : `, base: ${hex(base)}`;
    const text = `board: board.dtb\nram: { size: ${RAM_BYTES}${at} }\npass: ${pass}\n`;
    const request = readRequest(text, 'request.yaml', sink);
    const plan =
      request === undefined
        ? undefined
        : makePlan(
            {
              board,
              dtbName: name,
              request,
              payloads: new Map([['linux', measured]]),
              ...(microkit === undefined ? {} : { microkit }),
            },
            sink,
          );
    return { plan, sink };
  };
  const first = attempt(ramBases.get(board));
  const unknown = first.sink.sorted().find(({ code }) => code === 'plan/ram-unknown');
  const base = /base: (0x[0-9a-f]+)/.exec(unknown?.hint ?? '')?.[1];
  if (base === undefined) return first;
  ramBases.set(board, Number(base));
  return attempt(Number(base));
}

/** What is cut says in its reason whose source it is that the driver goes on; where none is named and nobody warns, it is silence. */
/** What goes whatever the driver is: physical addresses, CPUs' cooling, a clock controller's input from what it clocks. */
const NOT_THE_DRIVERS = /^(iommus|cooling-device|wakeup-parent|clocks)$/;
const HAS_SOURCE = /\((drivers|net|sound)\/[\w/.-]+\)$/;

function silentLosses(plan: Plan, messages: readonly string[]): readonly string[] {
  return plan.guests.flatMap(({ dependencies }) =>
    dependencies
      .filter(
        ({ outcome, reason }) => outcome === 'missing' || (outcome === 'cut' && !HAS_SOURCE.test(reason)),
      )
      .filter(
        ({ consumer, property }) =>
          !NOT_THE_DRIVERS.test(property) &&
          !messages.some((message) => message.includes(consumer) && message.includes(property)),
      )
      .map(({ consumer, property, provider }) => `${consumer} ${property} ${provider}`),
  );
}

export interface PassedBoard {
  readonly name: string;
  readonly devices: readonly PassedDevice[];
}

/** A device in a cell: its node's name, and the properties that are warned of, or the code that refuses it. */
function deviceText({ path, isModelled: modelled, result, silent }: PassedDevice): string {
  const name = `\`${path.slice(path.lastIndexOf('/') + 1)}\`${modelled ? ' (modelled)' : ''}`;
  if (silent.length > 0) return `${name} **silent: ${silent[0]}**`;
  if (result.kind === 'refused') return `${name} refused: \`${result.code}\``;
  if (result.kind === 'given') return `${name} ${result.providers}`;
  const properties = [...new Set(result.warnings.map(({ property }) => property))].filter(
    (word) => word !== '',
  );
  return `${name} ${result.providers}, warned: ${properties.join(', ')}`;
}

function boardRow({ name, devices }: PassedBoard): string {
  const cells = Object.keys(DEVICE_CLASSES).map((key) =>
    devices
      .filter((device) => device.class === key)
      .map(deviceText)
      .join('; '),
  );
  return `| \`${name}\` | ${cells.join(' | ')} |`;
}

export function passedDevicesPage(boards: readonly PassedBoard[], madeFrom: string, runs: string): string {
  const all = boards.flatMap(({ devices }) => devices);
  const rows = Object.keys(DEVICE_CLASSES).map((key) => {
    const count = (test: (device: PassedDevice) => boolean) =>
      all.filter((device) => device.class === key && test(device)).length;
    const kinds = ['given', 'warned', 'refused'].map((kind) => count(({ result }) => result.kind === kind));
    return `| ${[key, count(() => true), ...kinds, count((device) => device.isModelled)].join(' | ')} |`;
  });
  const reasons = new Map<string, number>();
  for (const { result } of all) {
    if (result.kind !== 'warned') continue;
    const keys = result.warnings.map(({ code, property }) => `\`${code}\` | ${property}`);
    for (const key of new Set(keys)) reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  return `# Every board: Ethernet, eMMC and SD, USB, one at a time

What \`drivervm plan --pass CONSOLE,DEVICE\` makes of each enabled Ethernet controller, eMMC or SD host and USB host of Debian's
arm64 boards: either everything that its driver insists on comes along (the number of devices that the plan brings in), or the plan
warns (the properties). What drivers insist on is read from Linux's drivers (\`src/plan/needs\`), and what nobody knows is a warning.
\`run\` has models of those that are marked; of each kind of them Linux's driver was run with what the plan brings ([below](#run)),
and without it the kernel says what the plan warned of (\`test/kernel-complaints.test.ts\`).

Generated by \`npm run docs\`. ${madeFrom}

| class | devices | all comes along | warned | refused | modelled |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

| warning | property | devices |
| --- | --- | --- |
${[...reasons]
  .sort((a, b) => b[1] - a[1])
  .map(([key, count]) => `| ${key} | ${count} |`)
  .join('\n')}

${runs}
## The boards

| board | ${Object.keys(DEVICE_CLASSES).join(' | ')} |
| --- | --- | --- | --- |
${boards
  .filter(({ devices }) => devices.length > 0)
  .map(boardRow)
  .join('\n')}
`;
}
