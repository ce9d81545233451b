/** Which domains of a description run sDDF's programs, whose queues lie otherwise than those of programs in TypeScript (docs/shared-queues.md). */
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import { DEVICE_CLASSES, sharedClass } from './classes.ts';
import { imageName } from './links.ts';
import { NATIVE_DRIVERS } from './native-drivers.ts';
import { SDDF_CLASSES } from './sddf-components.ts';
import { SDDF_DRIVERS } from './sddf-drivers.ts';

/** Where a project's Makefile puts sDDF's programs when they have their configurations: sDDF's own, under the same names, have none. */
export const CONFIGURED = 'configured';

const OURS = new Set<string>([
  ...NATIVE_DRIVERS.map(({ image }) => image),
  ...DEVICE_CLASSES.flatMap((name) => sharedClass(name).components.map(({ image }) => image)),
]);
const THEIRS = new Set<string>([
  ...SDDF_DRIVERS.map(({ image }) => image),
  ...Object.values(SDDF_CLASSES).flatMap(({ components }) => components.map(({ image }) => image)),
]);

const pathOf = ({ programImage }: ProtectionDomain): string => programImage?.path ?? '';

/** Whether it can be nothing else: several of these programs are called the same. */
function isSddf(pd: ProtectionDomain): boolean {
  const [path, image] = [pathOf(pd), imageName(pathOf(pd))];
  return path === `${CONFIGURED}/${image}` || (THEIRS.has(image) && !OURS.has(image));
}

/** The domains that share memory with those of a program, and run sDDF's programs. */
export function sddfNeighbours(description: SystemDescription, program: string): readonly string[] {
  const domains = [...protectionDomainsOf(description)];
  if (!domains.some(isSddf)) return [];
  const regions = new Set(
    domains.filter((pd) => pathOf(pd) === program).flatMap(({ maps }) => maps.map(({ mr }) => mr)),
  );
  return domains
    .filter((pd) => pathOf(pd) !== program && (isSddf(pd) || THEIRS.has(imageName(pathOf(pd)))))
    .filter(({ maps }) => maps.some(({ mr }) => regions.has(mr)))
    .map(({ name }) => name);
}
