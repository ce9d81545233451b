/** A run's engine: its place in the machine's memory, and the programs that it has. */
import { Engine, EngineProgram, type EngineSize, placedBytes } from '../engine/index.ts';
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import type { GuestPayload } from '../run/index.ts';
import type { ProgramFactory } from '../sel4/index.ts';
import type { WasmMemory } from '../wasm/index.ts';
import type { EnginePrograms } from './engine-programs.ts';

export class RunEngine {
  readonly #programs: EnginePrograms;
  readonly #payloads: ReadonlyMap<string, GuestPayload>;
  readonly #size: EngineSize;
  #engine: Engine | undefined;

  constructor(
    programs: EnginePrograms,
    payloads: ReadonlyMap<string, GuestPayload>,
    description: SystemDescription,
  ) {
    this.#programs = programs;
    this.#payloads = payloads;
    const placed = [...protectionDomainsOf(description)].map((pd) => {
      const { script, images } = this.#partsOf(pd);
      return script === undefined || images === undefined ? 0 : placedBytes(script, images);
    });
    this.#size = {
      programs: programs.scripts.size,
      placedBytes: placed.reduce((sum, each) => sum + each, 0),
    };
  }

  get lentBytes(): number {
    return Engine.lentBytes(this.#size);
  }

  /** Before any program is made. */
  begin(memory: WasmMemory): void {
    this.#engine = new Engine(this.#programs.build, memory, this.#size);
  }

  /** `undefined` for a domain whose program is not one of the engine's. */
  programOf(pd: ProtectionDomain): ProgramFactory | undefined {
    const { script, images } = this.#partsOf(pd);
    if (script === undefined || images === undefined) return undefined;
    const [first] = this.#programs.scripts.keys();
    return (microkit) => {
      if (this.#engine === undefined) throw new Error('there is no memory for the engine yet');
      return new EngineProgram(this.#engine, script, microkit, images, pd.name === first);
    };
  }

  #partsOf(pd: ProtectionDomain) {
    const { virtualMachine: vm } = pd;
    const images = vm === undefined ? undefined : this.#payloads.get(vm.name)?.images;
    return { script: this.#programs.scripts.get(pd.name), images };
  }
}
