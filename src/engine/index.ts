/** Programs in TypeScript in the engine that they have on seL4, over the kernel model of a run. */
export { Engine, type EngineSize } from './engine.ts';
export { EngineProgram, type EngineScript, placedBytes } from './program.ts';
export { isKnownBuild, QUICKJS_MEMORY_BYTES, QUICKJS_PACKAGE, QUICKJS_VERSION } from './quickjs-build.ts';
export { ScriptPlaces } from './source-map.ts';
