/** Puts a cluster together: memory, the core module, vCPUs, snapshots. */

import { keptPages, savedList, savedParts } from '../base/index.ts';
import { wasmEngine } from '../wasm/index.ts';
import type { CpuCluster, CpuClusterOptions, RamRegion, Stage2 } from './contract.ts';
import { chosenKeys, hotShapes } from './core/chosen-shapes.ts';
import type { ClusterParts } from './core/cluster-parts.ts';
import { ColdCode } from './core/cold.ts';
import { buildCore, type CoreExports, type CoreImports } from './core/core.ts';
import { DecodedPages } from './core/decoded-pages.ts';
import { Handlers } from './core/handlers.ts';
import { FIRST_INSTRUCTION_HANDLER, HANDLER, type MemoryLimits } from './core/interpreter.ts';
import { LineDecoder } from './core/line-decoder.ts';
import { GUEST_PAGE_BYTES, planMemory, STAGE2_POOL_BYTES } from './core/memory-map.ts';
import { VcpuCore } from './core/vcpu.ts';
import { Decoder } from './decoder.ts';
import { INSTRUCTIONS } from './insns/index.ts';
import { VCPU_BYTES } from './state.ts';
import { performSystemOperation } from './system/operations.ts';
import { Stage2Pool, Stage2Tables } from './translation/stage2.ts';
import { Translator } from './translator/translator.ts';

const DEFAULT_DECODED_PAGES = 4096;
const MAX_VCPUS = 16;

/** Makes a cluster. Throws `RangeError` where its RAM doesn't fit in 4 GiB or the counts make no sense. */
export function createCpuCluster(options: CpuClusterOptions): CpuCluster {
  const { vcpuCount } = options;
  if (vcpuCount < 1 || vcpuCount > MAX_VCPUS) throw new RangeError(`${vcpuCount} vCPUs`);
  const recordPages = options.decodedPages ?? DEFAULT_DECODED_PAGES;
  const map = planMemory(vcpuCount, recordPages, options.ramSizesBytes, options.lentBytes);
  const limits: MemoryLimits = { minimum: map.wasmPages, maximum: map.wasmPages };
  const memory = new wasmEngine.Memory({ initial: map.wasmPages, maximum: map.wasmPages });
  const vcpus: VcpuCore[] = [];
  const stage2Pool = new Stage2Pool(memory.buffer, map.stage2, STAGE2_POOL_BYTES);
  const at = (base: number): VcpuCore => {
    const vcpu = vcpus[(base - (map.vcpus[0] ?? 0)) / VCPU_BYTES];
    if (vcpu === undefined) throw new Error(`no vCPU lies at ${base}`);
    return vcpu;
  };

  const halves = new Uint16Array(memory.buffer);
  const decoder = new Decoder(INSTRUCTIONS);
  const hot = hotShapes(INSTRUCTIONS);
  const imports: CoreImports = {
    fetch: (base) => at(base).fetch(),
    decode: (base, record) => at(base).decode(record),
    hostSystem: (base, operation, operand) => at(base).perform(operation, operand),
    read: (base, descriptor) => at(base).mmu.read(descriptor),
    write: (base, descriptor) => at(base).mmu.write(descriptor),
    hot: (base, record) => {
      const vcpu = at(base);
      if (halves[record >>> 1] === HANDLER.undecoded) vcpu.decode(record);
      translator?.hot(vcpu.state, record);
    },
  };
  const module = new wasmEngine.Module(buildCore(hot, limits, options.translation).encode());
  const core = new wasmEngine.Instance(module, { env: { memory, ...imports } })
    .exports as unknown as CoreExports;
  const cold = new ColdCode(
    {
      memory,
      table: core.cold,
      slowRead: core.slowRead,
      slowWrite: core.slowWrite,
      system: core.system,
      plainRead: core.plainRead,
      plainWrite: core.plainWrite,
      link: core.link,
    },
    limits,
  );
  const table = core.cold;
  const pages = new DecodedPages(memory.buffer, map, {
    protect: (host) => {
      for (const { state } of vcpus) core.protectPage(state.base, host);
    },
    overwritten: (records, from, to) => translator?.drop(records, from, to),
    forgetAll: () => {
      translator?.dropAll();
      for (const vcpu of vcpus) vcpu.tlb.invalidateExecution();
    },
  });
  const handlers = new Handlers(decoder, hot, FIRST_INSTRUCTION_HANDLER, cold, table);
  handlers.prepare(chosenKeys(INSTRUCTIONS, 'warm'));
  const translator =
    options.translation === undefined
      ? undefined
      : new Translator(memory.buffer, map, { pages, decoder, handlers, cold }, options.translation);
  const parts: ClusterParts<VcpuCore> = {
    memory: memory.buffer,
    map,
    pages,
    lines: new LineDecoder(memory.buffer, pages, decoder, handlers),
    decoder,
    routines: core,
    vcpus,
    counter: options.counter,
    port: options.systemRegisters,
    gicSystemRegisters: options.gicSystemRegisters ?? false,
    onFirstExecution: options.onFirstExecution,
    onUndefined: options.onUndefined,
    perform: performSystemOperation,
  };
  for (const [index, base] of map.vcpus.entries()) vcpus.push(new VcpuCore(index, base, parts));
  const ram: readonly RamRegion[] = options.ramSizesBytes.map((sizeBytes, index) => {
    const offset = map.ram[index] ?? 0;
    return { offset, sizeBytes, bytes: new Uint8Array(memory.buffer, offset, sizeBytes) };
  });

  const all = new Uint8Array(memory.buffer);
  const announced = new Set(options.announcedRam);
  const mayHoldAnything = (index: number, page: number): boolean =>
    !announced.has(index) || pages.mayHoldAnything(page);
  const eachPage = (
    offset: number,
    sizeBytes: number,
    visit: (page: number, from: number, end: number) => void,
  ): void => {
    const end = offset + sizeBytes;
    for (let page = offset - (offset % GUEST_PAGE_BYTES); page < end; page += GUEST_PAGE_BYTES)
      visit(page, Math.max(offset, page), Math.min(end, page + GUEST_PAGE_BYTES));
  };
  const ramWritten = (offset: number, sizeBytes: number): void =>
    eachPage(offset, sizeBytes, (page, from, end) => pages.written(page, from - page, end - from));

  return {
    memory,
    ram,
    vcpus,
    createStage2(): Stage2 {
      return new Stage2Tables(stage2Pool, () => {
        for (const vcpu of vcpus) vcpu.tlb.invalidateAll();
      });
    },
    ramWritten,
    clearRam(offset, sizeBytes) {
      const index = ram.findIndex(
        (region) => offset >= region.offset && offset < region.offset + region.sizeBytes,
      );
      eachPage(offset, sizeBytes, (page, from, end) => {
        if (!mayHoldAnything(index, page)) return;
        all.fill(0, from, end);
        pages.written(page, from - page, end - from);
      });
    },
    hotPages: () => pages.heat().map(({ host, entries }) => ({ ramOffset: host, entries })),
    translations: () => translator?.kept(),
    saved: savedParts(
      {
        vcpus: savedList(vcpus.map(({ saved }) => saved)),
        ram: savedList(
          ram.map(({ bytes, offset }, index) =>
            keptPages(
              bytes,
              (_, at) => !mayHoldAnything(index, offset + at) || core.isZeroPage(0, offset + at) !== 0,
              (at, sizeBytes) => ramWritten(offset + at, sizeBytes),
            ),
          ),
        ),
      },
      () => pages.forgetAll(),
    ),
  };
}
