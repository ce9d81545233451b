/**
 * Modules of regions. All import the same functions in the same order, and a region knows of no address that is its place's: so
 * its bytes fit any module, of a later run too.
 */

import type { FunctionBuilder, ModuleBuilder } from '../../wasm/index.ts';
import type { ColdCode } from '../core/cold.ts';
import type { Runtime } from '../core/emit.ts';
import { REGION_TYPE, RUNTIME_TYPES } from '../core/interpreter.ts';
import type { Helper } from '../meaning/value.ts';
import { flags32, flags64 } from './lazy-flags.ts';
import { LINK_TYPE } from './link.ts';
import type { DecodedInstruction, Region } from './region.ts';
import { emitRegion, type RegionSetting } from './region-emitter.ts';
import { Templates } from './template.ts';

export class RegionModules {
  readonly #cold: ColdCode;
  readonly #templates = new Templates();
  readonly #helpers = new Set<Helper>([flags32, flags64]);
  /** Opcodes of the instructions that first called the others, in order: who meets them in this order numbers helpers alike. */
  readonly helperOpcodes: number[] = [];

  constructor(cold: ColdCode) {
    this.#cold = cold;
  }

  /** An instruction that regions may hold. */
  know({ opcode, traits }: DecodedInstruction): void {
    const before = this.#helpers.size;
    for (const helper of traits.helpers) this.#helpers.add(helper);
    if (this.#helpers.size > before) this.helperOpcodes.push(opcode);
  }

  /** Puts regions into the table. What comes back is each one's bytes, for {@link put}. */
  compile(regions: readonly { readonly region: Region; readonly place: number }[]): readonly Uint8Array[] {
    const made: FunctionBuilder[] = [];
    this.#make((module, setting) => {
      for (const [index, { region, place }] of regions.entries()) {
        const func = module.function(`region${index}`, REGION_TYPE);
        emitRegion(func, setting, region);
        module.place(place, func);
        made.push(func);
      }
    });
    return made.map(({ encoded }) => encoded as Uint8Array);
  }

  /** Puts regions of an earlier run into the table, one place after the other. Throws if they are none. */
  put(bodies: readonly Uint8Array[], first: number): void {
    this.#make((module) => {
      for (const [index, body] of bodies.entries()) {
        const func = module.function(`kept${index}`, REGION_TYPE);
        func.encoded = body;
        module.place(first + index, func);
      }
    });
  }

  #make(build: (module: ModuleBuilder, setting: RegionSetting) => void): void {
    this.#cold.make((module, runtime) => {
      module.firstTypes.push(REGION_TYPE);
      const plain: Runtime = {
        ...runtime,
        slowRead: module.importFunction('env', 'plainRead', RUNTIME_TYPES.plainRead),
        slowWrite: module.importFunction('env', 'plainWrite', RUNTIME_TYPES.plainWrite),
      };
      const link = module.importFunction('env', 'link', LINK_TYPE);
      for (const helper of this.#helpers) runtime.helper(helper);
      const lazyFlags = { flags32: runtime.helper(flags32), flags64: runtime.helper(flags64) };
      build(module, { runtime: plain, link, templates: this.#templates, lazyFlags });
    });
  }
}
