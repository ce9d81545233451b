/** What is shown where a person points into a request or settings: what a key means, and which device a selector names. */
import { formatSize, SMALL_PAGE_BYTES, type TextPlace } from '../../base/index.ts';
import type { Board, Device } from '../../devicetree/index.ts';
import { formatRange, interruptName, MICROKIT_BOARDS } from '../../microkit/index.ts';
import { type Plan, select } from '../../plan/index.ts';
import { bullets, code, type Hover, paragraphs } from '../markdown.ts';
import type { YamlAnalysis } from './analysis.ts';
import { yamlCursorAt } from './cursor.ts';
import { scanYaml, type YamlPath } from './scan.ts';
import { aboutKey, alternativesAt, schemaOf } from './schema.ts';

/** What is at a place; `undefined` where there is nothing to say. */
export function hoverYaml(analysis: YamlAnalysis, place: TextPlace): Hover | undefined {
  const { lines, kind } = analysis;
  const { entry, parent, span, ...cursor } = yamlCursorAt(
    lines.text,
    scanYaml(lines.text),
    lines.offsetOf(place),
  );
  if (entry === undefined) return undefined;
  const schema = schemaOf(kind);
  const range = lines.rangeOf(span);
  const shown = (markdown: string) => (markdown === '' ? undefined : { markdown, range });
  const keyText = () => {
    // Of a list's entry: what the list is.
    const path = [...parent, entry.key];
    const at = path.findLastIndex((step) => typeof step === 'string');
    const key = String(path[at] ?? '');
    const about = aboutKey(schema, path.slice(0, Math.max(at, 0)), key);
    return about === undefined ? '' : `${code(key)}: ${about}`;
  };
  if (cursor.kind === 'key') {
    const selected = isSelector(kind, parent) ? deviceText(String(entry.key), analysis) : '';
    return shown(paragraphs(selected, keyText()));
  }
  const path = [...parent, entry.key];
  const formats = alternativesAt(schema, path).flatMap(({ format }) => format ?? []);
  if (formats.includes('drivervm-device')) return shown(deviceText(entry.value, analysis) || keyText());
  if (formats.includes('drivervm-board') || (kind === 'settings' && entry.key === 'board'))
    return shown(paragraphs(boardText(entry.value), keyText()));
  return shown(keyText());
}

/** Whether the keys of a mapping are selectors: `clocks: { serial0: … }`. */
function isSelector(kind: YamlAnalysis['kind'], parent: YamlPath): boolean {
  return kind === 'request' && ['clocks', 'mac'].includes(String(parent.at(-1)));
}

function boardText(name: string): string {
  const board = MICROKIT_BOARDS.get(name);
  if (board === undefined) return '';
  const { gic } = board;
  return paragraphs(
    `**board ${code(name)}**: ${board.arch}`,
    bullets([
      ...(gic === undefined ? [] : [`GICv${gic.version}`]),
      ...(board.ram ?? []).map((range) => `RAM ${code(formatRange(range))}, ${formatSize(range.size)}`),
    ]),
  );
}

const DEVICES_SHOWN = 3;

function deviceText(selector: string, { board, plan }: YamlAnalysis): string {
  if (board === undefined || selector === '') return '';
  const { devices } = select(board, selector);
  if (devices.length === 0) return '';
  const shown = devices.slice(0, DEVICES_SHOWN).map((device) => oneDevice(device, board, plan));
  const left = devices.length - shown.length;
  return paragraphs(...shown, left === 0 ? '' : `… and ${left} more devices`);
}

function oneDevice(device: Device, board: Board, plan: Plan | undefined): string {
  const { node, path, compatible, status, regs, interrupts, dependencies } = device;
  const facts = [
    ...regs.map(({ cpu }) =>
      cpu === undefined ? 'registers that the CPU does not see' : `registers ${code(formatRange(cpu))}`,
    ),
    ...interrupts.flatMap((interrupt) =>
      interrupt.reach === 'none'
        ? ['an interrupt that reaches no GIC']
        : interrupt.gic.map(({ intid, trigger }) => `${interruptName(intid)}, ${trigger}`),
    ),
    ...board.coTenants(device, SMALL_PAGE_BYTES).map((other) => `on one page with ${code(other.node.name)}`),
  ];
  const needs = dependencies.flatMap(({ property, name, target }) =>
    target === undefined
      ? []
      : [`${code(property)}${name === undefined ? '' : ` (${name})`}: ${code(target.name)}`],
  );
  return paragraphs(
    `**${code(node.name)}** ${code(path)}${status.enabled ? '' : ', disabled in the tree'}`,
    compatible.map(code).join(', '),
    bullets(facts),
    needs.length === 0 ? '' : paragraphs('Needs:', bullets([...new Set(needs)])),
    plan === undefined ? '' : bullets(plannedLines(path, plan)),
  );
}

/** What the plan makes of a device, for each guest and driver. */
function plannedLines(path: string, { guests, drivers }: Plan): readonly string[] {
  return [
    ...guests.flatMap(({ name, devices, leftOut, dependencies }) => {
      const out = leftOut.find((each) => each.path === path);
      const given = devices.find((each) => each.path === path);
      const via = given?.why.via;
      const why = via === undefined ? '' : `, because ${code(via.device)} needs it (${code(via.property)})`;
      return [
        ...(given === undefined ? [] : [`given to ${code(name)}${why}`]),
        ...(out === undefined ? [] : [`left out of ${code(name)}: ${out.reason}`]),
        ...dependencies
          .filter(({ consumer, outcome }) => consumer === path && outcome !== 'given')
          .map(
            ({ property, provider, outcome, reason }) =>
              `${code(property)} ${code(provider)}: ${outcome}; ${reason}`,
          ),
      ];
    }),
    ...drivers
      .filter(({ devices }) => devices.some((each) => each.path === path))
      .map(({ name }) => `given to the driver ${code(name)}`),
  ];
}
