/** This installation's rooms as programs import them, by `drivervm/ROOM`: what `package.json` exports, under the same names. */
import * as aarch64 from '../aarch64/index.ts';
import * as base from '../base/index.ts';
import * as cpp from '../cpp/index.ts';
import * as device from '../device/index.ts';
import * as devicetree from '../devicetree/index.ts';
import * as embedded from '../embedded/index.ts';
import * as engine from '../engine/index.ts';
import * as gdb from '../gdb/index.ts';
import * as machine from '../machine/index.ts';
import * as microkit from '../microkit/index.ts';
import * as ninep from '../ninep/index.ts';
import * as payload from '../payload/index.ts';
import * as picture from '../picture/index.ts';
import * as plan from '../plan/index.ts';
import * as project from '../project/index.ts';
import * as run from '../run/index.ts';
import * as sddf from '../sddf/index.ts';
import * as sel4 from '../sel4/index.ts';
import * as sharing from '../sharing/index.ts';
import * as usernet from '../usernet/index.ts';
import * as vmm from '../vmm/index.ts';
import * as wasm from '../wasm/index.ts';
import type { MonitorLibrary } from './run-request.ts';

/** The rooms by their names. */
export const ROOMS: Readonly<Record<string, object>> = {
  aarch64,
  base,
  cpp,
  device,
  devicetree,
  embedded,
  engine,
  gdb,
  machine,
  microkit,
  ninep,
  payload,
  picture,
  plan,
  project,
  run,
  sddf,
  sel4,
  sharing,
  usernet,
  vmm,
  wasm,
};

/** The same for programs that are to be linked with a certain monitor library: `Monitor` is then that one's. */
export function roomsWith(library: MonitorLibrary): Readonly<Record<string, object>> {
  return library === 'architecture' ? ROOMS : { ...ROOMS, vmm: { ...vmm, Monitor: vmm.LibvmmMonitor } };
}
