/** What is shown where a person points into a description: what the thing is, who has it, and what the board's tree says of it. */
import { formatSize, hex, type TextPlace } from '../../base/index.ts';
import {
  type Channel,
  type ChannelEnd,
  formatRange,
  grammarOf,
  type Irq,
  interruptName,
  type MemoryMap,
  type MemoryRegion,
  type ProtectionDomain,
  type RegionAuthority,
  type Right,
  SDF_DEFAULTS,
  type Vcpu,
  type VirtualMachine,
} from '../../microkit/index.ts';
import { bullets, code, type Hover, paragraphs } from '../markdown.ts';
import { ABOUT, aboutAttribute } from './about.ts';
import type { DescriptionAnalysis } from './analysis.ts';
import { type Cursor, cursorAt, grammarNameOf } from './cursor.ts';
import type { ScannedTag } from './scan.ts';

/** What is at a place; `undefined` where there is nothing to say. */
export function hoverDescription(analysis: DescriptionAnalysis, place: TextPlace): Hover | undefined {
  const { lines, tags } = analysis;
  const cursor = cursorAt(tags, lines.offsetOf(place));
  if (cursor.kind === 'content') return undefined;
  const words = cursor.kind === 'attribute' ? attributeText(cursor) : undefined;
  const markdown = paragraphs(
    words,
    factsOf(cursor, analysis),
    words === undefined ? elementText(cursor.tag) : undefined,
  );
  return markdown === '' ? undefined : { markdown, range: lines.rangeOf(cursor.span) };
}

/** What the grammar says of an attribute. */
function attributeText({ tag, attribute }: Cursor & { readonly kind: 'attribute' }): string | undefined {
  const name = grammarNameOf(tag);
  if (name === undefined || attribute === undefined) return undefined;
  const about = aboutAttribute(name, attribute.name);
  if (about === undefined) return undefined;
  const choices = grammarOf(name).attributes[attribute.name]?.choices;
  const words = choices === undefined ? '' : ` One of ${choices.map(code).join(', ')}.`;
  return `${code(attribute.name)}: ${about}${words}`;
}

function elementText(tag: ScannedTag): string | undefined {
  const name = grammarNameOf(tag);
  return name === undefined ? undefined : `*${ABOUT[name][0]}*`;
}

function factsOf(
  cursor: Exclude<Cursor, { readonly kind: 'content' }>,
  analysis: DescriptionAnalysis,
): string {
  const { tag } = cursor;
  const grammarName = grammarNameOf(tag);
  if (cursor.kind === 'value' && grammarName !== undefined) {
    const { attribute } = cursor;
    const refersTo = grammarOf(grammarName).attributes[attribute.name]?.refersTo;
    if (refersTo === 'memory region') return regionText(attribute.value ?? '', analysis);
    if (refersTo === 'protection domain')
      return domainText(domainNamed(attribute.value ?? '', analysis), analysis);
  }
  const [first, second] = analysis.partsAt(tag.opening ?? tag);
  switch (grammarName) {
    case 'memory_region':
      return first === undefined ? '' : regionText((first as MemoryRegion).name, analysis);
    case 'map':
    case 'vm_map':
      return first === undefined ? '' : mapText(first as MemoryMap, grammarName === 'vm_map', analysis);
    case 'irq':
      return first === undefined ? '' : interruptText(first as Irq, analysis);
    case 'protection_domain':
    case 'child_protection_domain':
      return domainText(first as ProtectionDomain | undefined, analysis);
    case 'virtual_machine':
    case 'older_virtual_machine': {
      // In the older dialect the machine's one vCPU is made of the same element, and before it.
      const machine = [second, first].find((part) => part !== undefined && 'maps' in part);
      return machine === undefined ? '' : machineText(machine as VirtualMachine, analysis);
    }
    case 'vcpu':
      return first === undefined ? '' : vcpuText(first as Vcpu);
    case 'channel':
      return channelText(first as Channel | undefined, analysis);
    case 'end':
      return endText(first as ChannelEnd | undefined, analysis);
    default:
      return '';
  }
}

const regionNamed = (name: string, { authority }: DescriptionAnalysis): RegionAuthority | undefined =>
  authority.regions.find(({ region }) => region === name);

function domainNamed(name: string, { read }: DescriptionAnalysis): ProtectionDomain | undefined {
  const pending = [...(read?.description.protectionDomains ?? [])];
  for (let pd = pending.pop(); pd !== undefined; pd = pending.pop()) {
    if (pd.name === name) return pd;
    pending.push(...pd.children);
  }
  return undefined;
}

function regionText(name: string, analysis: DescriptionAnalysis): string {
  const region = regionNamed(name, analysis);
  if (region === undefined) return '';
  const { range, sizeBytes, pageBytes, isRam, rights } = region;
  const size =
    sizeBytes === undefined
      ? 'as large as what it is filled with'
      : `${formatSize(sizeBytes)} in ${counted(Math.ceil(sizeBytes / pageBytes), 'page')} of ${formatSize(pageBytes)}`;
  const where =
    range === undefined ? 'anywhere in RAM' : `${code(formatRange(range))}${isRam ? ', RAM' : ''}`;
  return paragraphs(
    `**memory region ${code(name)}**: ${where}, ${size}`,
    rights.length === 0 ? 'Mapped by nobody.' : bullets(rights.map((right) => rightText(right, region))),
    deviceLines(region),
  );
}

function rightText({ owner, perms, cached, vaddr }: Right, { range }: RegionAuthority): string {
  const who =
    owner.monitor === undefined
      ? code(owner.name)
      : `virtual machine ${code(owner.name)} (monitor ${code(owner.monitor)})`;
  const where = range?.base === vaddr ? 'at the same address' : `at ${code(hex(vaddr))}`;
  return `${who}: ${perms === '' ? 'no rights' : code(perms)}, ${cached ? 'cached' : 'uncached'}, ${where}`;
}

function deviceLines({ devices }: RegionAuthority): string {
  if (devices.length === 0) return '';
  const lines = devices.map(({ device, enabled, range, partial, sharesPagesWith }) => {
    const notes = [
      ...(enabled ? [] : ['disabled in the tree']),
      ...(partial ? ['not all of its registers'] : []),
      ...(sharesPagesWith.length === 0 ? [] : [`on one page with ${sharesPagesWith.map(code).join(', ')}`]),
    ];
    return `${code(device)} ${code(formatRange(range))}${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`;
  });
  return paragraphs("Devices of the board's tree in it:", bullets(lines));
}

function mapText(map: MemoryMap, isGuest: boolean, analysis: DescriptionAnalysis): string {
  const region = regionNamed(map.mr, analysis);
  const size = region?.sizeBytes;
  const range = size === undefined ? hex(map.vaddr) : formatRange({ base: map.vaddr, size });
  const physical = region?.range?.base;
  const relation =
    physical === undefined
      ? ''
      : physical === map.vaddr
        ? ', the physical addresses'
        : `, physical ${code(hex(physical))}`;
  const perms = map.perms ?? SDF_DEFAULTS.perms;
  const cached = map.cached ?? SDF_DEFAULTS.cached;
  return paragraphs(
    `**${isGuest ? 'guest physical' : 'virtual'} addresses** ${code(range)}${relation}; ${code(perms)}, ${cached ? 'cached' : 'uncached'}`,
    regionText(map.mr, analysis),
  );
}

function interruptText(irq: Irq, { authority, checking }: DescriptionAnalysis): string {
  if (irq.kind !== 'platform') return '';
  const trigger = irq.trigger ?? SDF_DEFAULTS.trigger;
  const isArm = (checking.board?.arch ?? 'aarch64') === 'aarch64';
  const name = isArm ? interruptName(irq.irq) : `interrupt ${irq.irq}`;
  const found = authority.irqs.filter((each) => each.irq === irq.irq);
  const devices = found.flatMap((each) => each.devices);
  const sources = sourcesOf(irq.irq, checking.tree);
  return paragraphs(
    `**${name}**, ${trigger}${irq.trigger === undefined ? ' (as nothing is said)' : ''}, channel ${irq.id}`,
    checking.tree === undefined
      ? ''
      : devices.length === 0
        ? "No device of the board's tree raises it."
        : bullets([...new Set(sources)]),
  );
}

/** Who raises an interrupt, by the tree, and how the tree says that it is triggered. */
function sourcesOf(intid: number, tree: DescriptionAnalysis['checking']['tree']): readonly string[] {
  return (tree?.devices ?? []).flatMap(({ node, path, status, interrupts }) =>
    interrupts.flatMap((interrupt) =>
      (interrupt.reach === 'none' ? [] : interrupt.gic)
        .filter((gic) => gic.intid === intid)
        .map(({ trigger }) => {
          const disabled = status.enabled ? '' : ', disabled in the tree';
          return `raised by ${code(node.name)} (${code(path)})${disabled}; the tree says ${trigger}`;
        }),
    ),
  );
}

function domainText(pd: ProtectionDomain | undefined, analysis: DescriptionAnalysis): string {
  if (pd === undefined) return '';
  const { authority } = analysis;
  const peers = authority.channels.filter(({ from }) => from === pd.name);
  const irqs = pd.irqs.flatMap((irq) => (irq.kind === 'platform' ? [interruptName(irq.irq)] : []));
  const facts = [
    `priority ${pd.priority ?? SDF_DEFAULTS.priority}${pd.passive === true ? ', passive' : ''}`,
    ...(pd.programImage === undefined ? [] : [`program ${code(pd.programImage.path)}`]),
    ...(pd.virtualMachine === undefined
      ? []
      : [`monitor of virtual machine ${code(pd.virtualMachine.name)}`]),
    ...(pd.maps.length === 0
      ? []
      : [`${counted(pd.maps.length, 'map')}: ${shortList(pd.maps.map(({ mr }) => mr))}`]),
    ...(irqs.length === 0 ? [] : [`${counted(irqs.length, 'interrupt')}: ${listed(irqs)}`]),
    ...(peers.length === 0 ? [] : [`channels to ${shortList([...new Set(peers.map(({ to }) => to))])}`]),
    ...(pd.children.length === 0 ? [] : [`parent of ${shortList(pd.children.map(({ name }) => name))}`]),
    ...(pd.smc === true ? ['may make secure monitor calls'] : []),
  ];
  return paragraphs(`**protection domain ${code(pd.name)}**`, bullets(facts));
}

function machineText(vm: VirtualMachine, analysis: DescriptionAnalysis): string {
  const regions = vm.maps.flatMap(({ mr }) => regionNamed(mr, analysis) ?? []);
  const ramBytes = regions
    .filter(({ isRam }) => isRam)
    .reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const devices = [
    ...new Set(
      regions.flatMap((region) =>
        region.devices.filter(({ enabled }) => enabled).map(({ device }) => device),
      ),
    ),
  ];
  const facts = [
    `priority ${vm.priority ?? SDF_DEFAULTS.priority}`,
    `${counted(vm.vcpus.length, 'vCPU')}: ${vm.vcpus.map(({ id }) => id).join(', ')}`,
    `${counted(vm.maps.length, 'map')}${ramBytes === 0 ? '' : `, of these ${formatSize(ramBytes)} RAM`}`,
    ...(devices.length === 0 ? [] : [`${counted(devices.length, 'device')}: ${shortList(devices)}`]),
  ];
  return paragraphs(`**virtual machine ${code(vm.name)}**`, bullets(facts));
}

function vcpuText({ id, cpu }: Vcpu): string {
  return `**vCPU ${id}** on core ${cpu ?? SDF_DEFAULTS.cpu}`;
}

function channelText(channel: Channel | undefined, analysis: DescriptionAnalysis): string {
  if (channel === undefined) return '';
  return bullets(channel.ends.map((end, index) => endLine(end, channel.ends[1 - index], analysis))).join(
    '\n',
  );
}

function endText(end: ChannelEnd | undefined, analysis: DescriptionAnalysis): string {
  const channel = analysis.read?.description.channels.find(
    ({ ends }) => end !== undefined && ends.includes(end),
  );
  return channelText(channel, analysis);
}

function endLine(end: ChannelEnd, other: ChannelEnd | undefined, analysis: DescriptionAnalysis): string {
  const verbs = [
    ...(end.pp === true ? ['calls'] : []),
    ...((end.notify ?? SDF_DEFAULTS.notify) ? ['notifies'] : []),
  ];
  const pd = domainNamed(end.pd, analysis);
  const priority = pd === undefined ? '' : `, priority ${pd.priority ?? SDF_DEFAULTS.priority}`;
  const doing = verbs.length === 0 ? 'neither calls nor notifies' : verbs.join(' and ');
  return `${code(end.pd)} (channel ${end.id}${priority}) ${doing} ${code(other?.pd ?? '?')}`;
}

const NAMES_SHOWN = 6;

function shortList(names: readonly string[]): string {
  return listed(names.map(code));
}

function listed(words: readonly string[]): string {
  if (words.length <= NAMES_SHOWN) return words.join(', ');
  return `${words.slice(0, NAMES_SHOWN).join(', ')} and ${words.length - NAMES_SHOWN} more`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
