/**
 * Microkit's system descriptions: the value, reading and writing it, and the rules that it must keep.
 * After the manual and the tool of Microkit 2.3.
 */
export {
  type Authority,
  authorityOf,
  type ChannelAuthority,
  type DeviceShare,
  type IrqAuthority,
  type Owner,
  type RegionAuthority,
  type Right,
} from './authority/authority.ts';
export {
  type AuthorityChange,
  type ChangeKind,
  compareAuthority,
  printAuthorityChanges,
} from './authority/compare.ts';
export { explainAuthority, interruptName, ownerText } from './authority/explain.ts';
export { type KeptMemory, keptMemory } from './authority/kept.ts';
export { addressText, digitsOf, type MemoryPlace, memoryPlaces } from './authority/places.ts';
export { type GuestNetwork, type ServingGuest, servingGuests } from './authority/serving.ts';
export {
  type Architecture,
  allRamOf,
  type BoardGic,
  deviceWindowsOf,
  kernelFramesOf,
  type MicrokitBoard,
  rootObjectsIn,
} from './boards/board.ts';
export { initialTaskBytes, initialTaskIn } from './boards/initial-task.ts';
export { boardFromSdk } from './boards/sdk.ts';
export { boardOfTree, MICROKIT_BOARDS } from './boards/table.ts';
export { domainBytes, type UntypedDemand, untypedRam, untypedShortage } from './boards/untyped.ts';
export { checkDescription } from './check/check.ts';
export type { CheckOptions, GuestTree } from './check/context.ts';
export { CHANNEL_LIMIT } from './check/limits.ts';
export { formatRange } from './check/text.ts';
export { boardCodes } from './check/tree/diagnostics.ts';
export {
  type CapMap,
  type Channel,
  type ChannelEnd,
  type Domains,
  type IoAddressSpace,
  type IoapicIrq,
  type IoMap,
  type Ioport,
  type Irq,
  type IrqTrigger,
  type MemoryMap,
  type MemoryRegion,
  type MsiIrq,
  type PciAddress,
  type Permissions,
  type PlatformIrq,
  type PrefillBootinfo,
  type ProgramImage,
  type ProtectionDomain,
  protectionDomainsOf,
  type ScheduleEntry,
  type SchedulingDomain,
  type SchedulingParams,
  SDF_DEFAULTS,
  type Setvar,
  type SystemDescription,
  type Vcpu,
  type VirtualMachine,
} from './description.ts';
export { needsPreprocessor, type SdfDialect } from './dialect.ts';
export {
  type AttributeGrammar,
  type ElementGrammar,
  GRAMMAR,
  type GrammarName,
  grammarOf,
  type NameKind,
  type ValueKind,
} from './grammar.ts';
export type { DescriptionOrigins } from './origins.ts';
export { type ReadDescription, type ReadDescriptionOptions, readDescription } from './read/description.ts';
export { type ReadSystemFileOptions, readSystemBytes, readSystemFile } from './read/file.ts';
export { formatDescription, type WriteDescriptionOptions, writeDescription } from './write/description.ts';
export { sdfWriteCodes } from './write/diagnostics.ts';
export { decodeText } from './xml/decode.ts';
export { XML_LIMIT_BYTES } from './xml/diagnostics.ts';
export type { XmlAttribute, XmlElement } from './xml/document.ts';
export { escapeXmlAttribute, escapeXmlText } from './xml/escape.ts';
export { readXml } from './xml/reader.ts';
export { plainSource, type XmlSource } from './xml/source.ts';
