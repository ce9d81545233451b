/** Whether a kernel has a driver for a device, as far as the `compatible` strings in its files tell. */
import type { Unit } from './units.ts';

/**
 * Why nothing in the kernel or its ramdisk drives a unit; `undefined` where something may. A `compatible` without a
 * vendor, such as `simple-bus`, is not looked for.
 */
export function whyDriverless({ compatible }: Unit, compatibles: ReadonlySet<string>): string | undefined {
  const [first] = compatible;
  if (first === undefined || compatible.some((name) => !name.includes(',') || compatibles.has(name)))
    return undefined;
  return `the kernel has no driver for ${first}, nor has its ramdisk`;
}
