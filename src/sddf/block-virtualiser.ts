/**
 * The block virtualiser, with the driver behind it in one: requests of a client against a store, which is a file of the
 * host's, or memory. One client a store; partitions are left out.
 */
import { attempt, Refusal } from '../base/index.ts';
import { type BlockStore, STORE_SECTOR_BYTES } from '../device/index.ts';
import type { Microkit, Program } from '../sel4/index.ts';
import { BlockQueue } from './block-queue.ts';
import { clientsOf, lacking } from './symbols.ts';

/** `blk_virt.elf`. Symbols: `client0_queue`, `client0_ch`. */
export function blockVirtualiser(store: BlockStore): (microkit: Microkit) => Program {
  return (microkit) => {
    const [client] = clientsOf(microkit);
    if (client === undefined) {
      lacking(microkit, 'client0_queue and client0_ch');
      return { init() {}, notified() {} };
    }
    const queue = new BlockQueue(client.memory);
    const capacitySectors = Math.floor(store.sizeBytes / STORE_SECTOR_BYTES);
    const serve = ({
      code,
      sector,
      sizeBytes,
      cell,
    }: NonNullable<ReturnType<BlockQueue['takeRequest']>>): boolean => {
      const bytes = queue.cell(cell).subarray(0, sizeBytes);
      if (code === 'flush') {
        store.flush();
        return true;
      }
      const whole = sizeBytes % STORE_SECTOR_BYTES === 0 && bytes.length === sizeBytes;
      if (!whole || sector + sizeBytes / STORE_SECTOR_BYTES > capacitySectors) return false;
      if (code === 'read') store.read(sector * STORE_SECTOR_BYTES, bytes);
      else if (code === 'write' && !store.readOnly) store.write(sector * STORE_SECTOR_BYTES, bytes);
      else return false;
      return true;
    };
    return {
      init() {
        queue.publish({ capacitySectors, readOnly: store.readOnly });
        microkit.notify(client.channel);
      },
      notified() {
        let any = false;
        while (queue.hasRoomForAnswer) {
          const request = queue.takeRequest();
          if (request === undefined) break;
          any = true;
          const good = attempt(() => serve(request));
          if (good instanceof Refusal)
            microkit.dbgPuts(`${good.message}
`);
          queue.putAnswer(request.id, good === true);
        }
        if (any) microkit.notify(client.channel);
      },
      saved: store.saved,
    };
  };
}
