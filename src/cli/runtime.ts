/** Where the sources in C are that come with drivervm; here, because the bundled command lies in this directory. */
import { fileURLToPath } from 'node:url';

/** A path below `runtime/`. */
export const runtimePath = (name: string): string =>
  fileURLToPath(new URL(`../../../runtime/${name}`, import.meta.url));
