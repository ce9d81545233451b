/** The CPU: AArch64 at EL1 and EL0, each instruction defined once. `contract.ts` is what other rooms program against. */
export { createCpuCluster } from './cluster.ts';
export type * from './contract.ts';
export { GRANULES_BYTES } from './translation/stage1.ts';
export { DEFAULT_TRANSLATION } from './translator/translator.ts';
