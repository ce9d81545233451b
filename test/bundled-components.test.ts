/**
 * Drivers and virtualisers as they go to seL4: each bundled by the command, run in a context that has the language alone, and joined with the
 * others by memory and notifications as the system description joins them.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { DiagnosticSink } from '../src/base/index.ts';
import type { EmbeddedDomain } from '../src/embedded/index.ts';
import {
  type ProtectionDomain,
  protectionDomainsOf,
  readSystemFile,
  type SystemDescription,
} from '../src/microkit/index.ts';
import { nodeHost } from '../src/node/host.ts';
import { projectFiles } from '../src/project/index.ts';
import { BlockQueue, NetworkQueue, SerialQueue } from '../src/sddf/index.ts';
import { drivervm } from './support/command.ts';
import { playedNatives } from './support/played-natives.ts';
import { goodPlan, smallBoard } from './support/small-board.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-components-'));
after(() => rmSync(place, { recursive: true }));

const guest = (name: string, virtio: string) =>
  `  - { name: ${name}, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [${virtio}] }`;
const REQUEST = `guests:
${guest('left', 'console, { kind: block, image: one.img }, { kind: block, image: two.img, mode: read-only }, { kind: net, mac: "02:00:00:00:00:77" }, rng')}
${guest('right', 'console, net')}
drivers: [{ name: uart, pass: [serial@5000] }]`;
const UART = 'serial@5000 { compatible = "arm,pl011"; reg = <0x5000 0x1000>; interrupts = <0 40 4>; };';
const SECTOR_BYTES = 512;
const DISK_BYTES = 0x4000;
/** Of a PL011 (DDI 0183G §3.2): data, and flags, of which "receive FIFO empty". */
const [DR, FR, RXFE] = [0x00, 0x18, 1 << 4];
const MAC_OFFSET = { destination: 0, source: 6 };

/** The domains without guests run; those with one are what the test does in their places. */
class System {
  readonly #description: SystemDescription;
  readonly #regions = new Map<string, ArrayBuffer>();
  readonly #domains = new Map<string, EmbeddedDomain>();
  readonly typed: number[] = [];
  sent = '';
  said = '';

  constructor(description: SystemDescription) {
    this.#description = description;
  }

  async start(file: string, disks: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const ours = [...protectionDomainsOf(this.#description)].filter(
      ({ virtualMachine }) => virtualMachine === undefined,
    );
    for (const pd of ours) {
      const program = pd.programImage?.path ?? '';
      await drivervm(['bundle', file, program, '-o', join(place, 'build')]);
      const script = readFileSync(join(place, 'build', program.replace(/\.elf$/, '.js')), 'utf8');
      const context = createContext({ natives: this.#natives(pd, disks) });
      runInContext(script, context, { filename: program });
      this.#domains.set(pd.name, (context as { readonly domain: EmbeddedDomain }).domain);
    }
    for (const domain of this.#domains.values()) domain.init();
  }

  region(name: string): Uint8Array {
    const known = this.#regions.get(name);
    if (known !== undefined) return new Uint8Array(known);
    const { sizeBytes } = this.#description.memoryRegions.find((each) => each.name === name) ?? {};
    assert.ok(sizeBytes, name);
    const buffer = new ArrayBuffer(sizeBytes);
    this.#regions.set(name, buffer);
    return new Uint8Array(buffer);
  }

  /** What a domain does: tells who is at the other end of a channel. */
  notify(pd: string, channel: number): void {
    for (const { ends } of this.#description.channels) {
      const own = ends.find((end) => end.pd === pd && end.id === channel);
      const other = ends.find((end) => end !== own);
      if (own !== undefined && other !== undefined) this.#domains.get(other.pd)?.notified(other.id);
    }
  }

  /** By the symbol that its description sets. */
  notifyBy(pd: string, symbol: string): void {
    const ends = this.#description.channels.flatMap(({ ends }) => ends);
    const end = ends.find((each) => each.pd === pd && each.setvarId === symbol);
    assert.ok(end, `${pd} has no ${symbol}`);
    this.notify(pd, end.id);
  }

  interrupt(pd: ProtectionDomain): void {
    this.#domains.get(pd.name)?.notified(pd.irqs[0]?.id ?? -1);
  }

  #natives(pd: ProtectionDomain, images: Readonly<Record<string, Uint8Array>>) {
    const symbols = new Map<string, number>();
    for (const { vaddr, setvarVaddr } of pd.maps)
      if (setvarVaddr !== undefined) symbols.set(setvarVaddr, vaddr);
    for (const { id, setvarId } of pd.irqs) if (setvarId !== undefined) symbols.set(setvarId, id);
    for (const { ends } of this.#description.channels)
      for (const { pd: name, id, setvarId } of ends)
        if (name === pd.name && setvarId !== undefined) symbols.set(setvarId, id);
    const registers = pd.maps.find(({ cached }) => cached === false)?.vaddr ?? 0;
    return {
      ...playedNatives({ images }),
      name: pd.name,
      // As in C, where a symbol that is only another domain's is there, and 0.
      setvar: (symbol: string) => symbols.get(symbol) ?? 0,
      memory: (vaddr: number) => this.region(pd.maps.find((map) => map.vaddr === vaddr)?.mr ?? '').buffer,
      notify: (channel: number) => this.notify(pd.name, channel),
      dbgPuts: (text: string) => {
        this.said += text;
      },
      read32: (vaddr: number) => {
        if (vaddr === registers + FR) return this.typed.length > 0 ? 0 : RXFE;
        return vaddr === registers + DR ? (this.typed.shift() ?? 0) : 0;
      },
      write32: (vaddr: number, value: number) => {
        if (vaddr === registers + DR) this.sent += String.fromCharCode(value);
      },
    };
  }
}

async function system(): Promise<{ readonly system: System; readonly uart: ProtectionDomain }> {
  const small = smallBoard({ more: UART });
  const plan = goodPlan(small, REQUEST);
  for (const { path, content } of projectFiles(plan, small.tree)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  const file = join(place, `${plan.name}.run.system`);
  const description = readSystemFile(file, nodeHost().files, new DiagnosticSink())?.description;
  assert.ok(description);
  const made = new System(description);
  await made.start(file, {
    blk_virt: new Uint8Array(DISK_BYTES).fill(1),
    blk_virt_1: new Uint8Array(DISK_BYTES / 2).fill(2),
  });
  const uart = description.protectionDomains.find(({ name }) => name === 'uart');
  assert.ok(uart);
  return { system: made, uart };
}

test('drivers and virtualisers serve two guests as they go to seL4', async (context) => {
  const { system: own, uart } = await system();

  await context.test('characters, both ways', () => {
    for (const name of ['left', 'right']) {
      new SerialQueue(own.region(`${name}_console_tx_queue`)).write(
        new TextEncoder().encode(`from ${name};`),
      );
      own.notifyBy(`${name}_vmm`, 'console_tx_ch');
    }
    assert.match(own.sent, /from left;.*from right;/s);
    own.typed.push(...new TextEncoder().encode('hello'));
    own.interrupt(uart);
    const heard = new SerialQueue(own.region('left_console_rx_queue')).read(99);
    assert.equal(new TextDecoder().decode(heard), 'hello');
  });

  await context.test('two domains with one program have each its own disk', () => {
    const written = new Uint8Array(SECTOR_BYTES).fill(0xa5);
    const seen = ['block0', 'block1'].map((name) => {
      const queue = new BlockQueue(own.region(`left_${name}_queue`));
      const ask = (id: number, code: 'read' | 'write'): boolean | undefined => {
        queue.putRequest({ id, code, sector: 3, sizeBytes: SECTOR_BYTES, cell: 0 });
        own.notifyBy('left_vmm', `${name}_ch`);
        return queue.takeAnswer()?.good;
      };
      const { capacitySectors, readOnly } = queue.info ?? {};
      const couldRead = ask(1, 'read');
      const before = queue.cell(0)[0];
      queue.cell(0).set(written);
      const couldWrite = ask(2, 'write');
      queue.cell(0).fill(0);
      ask(3, 'read');
      return { capacitySectors, readOnly, couldRead, before, couldWrite, after: queue.cell(0)[0] };
    });
    assert.deepEqual(seen, [
      { capacitySectors: 32, readOnly: false, couldRead: true, before: 1, couldWrite: true, after: 0xa5 },
      { capacitySectors: 16, readOnly: true, couldRead: true, before: 2, couldWrite: false, after: 2 },
    ]);
  });

  await context.test('frames, by the addresses that the request gave', () => {
    const [left, right] = ['left', 'right'].map((name) => new NetworkQueue(own.region(`${name}_net0_queue`)));
    assert.ok(left && right);
    assert.deepEqual([...left.macAddress], [2, 0, 0, 0, 0, 0x77]);
    const frame = new Uint8Array(60).fill(9);
    frame.set(left.macAddress, MAC_OFFSET.destination);
    frame.set(right.macAddress, MAC_OFFSET.source);
    right.put('fromClient', frame);
    own.notifyBy('right_vmm', 'net0_ch');
    assert.deepEqual(left.take('toClient'), frame);
  });

  await context.test('no random bytes that everybody knows', () => {
    assert.equal(new SerialQueue(own.region('left_rng0_queue')).waiting, 0);
    assert.equal(own.said, 'entropy_virt: nothing here makes random bytes; guests get none\n');
  });
});
