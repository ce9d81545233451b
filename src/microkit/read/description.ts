/** From XML to a description: the grammar is enforced here, everything that involves two elements in `check/`. */
import type { DiagnosticSink } from '../../base/index.ts';
import type { SystemDescription } from '../description.ts';
import type { SdfDialect } from '../dialect.ts';
import { grammarOf } from '../grammar.ts';
import { DescriptionOrigins } from '../origins.ts';
import { readXml, type XmlElement, type XmlSource } from '../xml/index.ts';
import { readChannel } from './channel.ts';
import { knownChildren, onlyChild, originated, readElement, written } from './context.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import { readIoAddressSpace } from './io-address-space.ts';
import { readMemoryRegion } from './memory.ts';
import { readProtectionDomain } from './protection-domain.ts';
import type { ReadContext } from './read-context.ts';
import { readDomains } from './scheduling-domains.ts';

/** A description that was read from a file. */
export interface ReadDescription {
  readonly description: SystemDescription;
  readonly origins: DescriptionOrigins;
  readonly dialect: SdfDialect;
  /**
   * The elements of which at least one is missing from the value because it could not be made sense of, by name. Rules
   * that miss something say nothing where it may be among them.
   */
  readonly incomplete: ReadonlySet<string>;
  /** `<domains>` stands after a protection domain; the tool then does not know it in time. */
  readonly domainsAreLate: boolean;
}

/** The dialect, where it is known; else it shows in the text. */
export interface ReadDescriptionOptions {
  /** Found out from the text where it is not said. */
  readonly dialect?: SdfDialect | undefined;
}

/** The description in a text, or `undefined` with reports where the text has none. */
export function readDescription(
  source: XmlSource,
  sink: DiagnosticSink,
  options: ReadDescriptionOptions = {},
): ReadDescription | undefined {
  const root = readXml(source, sink);
  if (root === undefined) return undefined;
  if (root.name !== 'system') {
    sink.report(codes['no-system'].at(source.positionAt(root.offset), { found: root.name }));
    return undefined;
  }
  const dialect = options.dialect ?? dialectOf(root);
  const origins = new DescriptionOrigins(source);
  const context: ReadContext = { source, sink, origins, dialect, incomplete: new Set() };
  const description = readSystem(root, context);
  const names = root.children.map((child) => child.name);
  const domainsAt = names.indexOf('domains');
  const firstPd = names.indexOf('protection_domain');
  const domainsAreLate = domainsAt >= 0 && firstPd >= 0 && firstPd < domainsAt;
  return { description, origins, dialect, incomplete: context.incomplete, domainsAreLate };
}

function readSystem(root: XmlElement, context: ReadContext): SystemDescription {
  readElement(root, 'system', context);
  const children = knownChildren(root, grammarOf('system'), context);
  const named = (name: string): readonly XmlElement[] => children.filter((child) => child.name === name);
  const domains = onlyChild(children, 'domains', root, context);
  const description = {
    ...written({ domains: domains === undefined ? undefined : readDomains(domains, context) }),
    memoryRegions: named('memory_region').flatMap((child) => readMemoryRegion(child, context) ?? []),
    ioAddressSpaces: named('io_address_space').flatMap((child) => readIoAddressSpace(child, context) ?? []),
    protectionDomains: named('protection_domain').map((child) => readProtectionDomain(child, context)),
    channels: named('channel').flatMap((child) => readChannel(child, context) ?? []),
  };
  return originated(description, root, context);
}

/** The older dialect shows in a virtual machine that has an `id`, and no `<vcpu>`. */
function dialectOf(root: XmlElement): SdfDialect {
  const pending = [root];
  for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
    if (element.name === 'virtual_machine') {
      const hasVcpu = element.children.some((child) => child.name === 'vcpu');
      if (element.attributes.has('id') && !hasVcpu) return 'older';
    }
    pending.push(...element.children);
  }
  return 'current';
}
