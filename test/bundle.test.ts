/**
 * Monitors as they go to seL4: bundled by the command, run in a context that has the language and nothing of Node's or a browser's, with
 * the C around the engine played.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { DiagnosticSink, hex } from '../src/base/index.ts';
import { type EmbeddedDomain, embeddedLayouts, symbolsCText } from '../src/embedded/index.ts';
import { protectionDomainsOf, readSystemFile } from '../src/microkit/index.ts';
import { nodeHost } from '../src/node/host.ts';
import type { Plan } from '../src/plan/index.ts';
import { projectFiles } from '../src/project/index.ts';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { smallImage } from './support/kernel-image.ts';
import { type PlayedNatives, playedNatives } from './support/played-natives.ts';
import { goodPlan, type SmallBoard, smallBoard } from './support/small-board.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-bundle-'));
after(() => rmSync(place, { recursive: true }));

/** Nothing that is not needed: a monitor with its library, and room for a third more. */
const SCRIPT_LIMIT_BYTES = 96 * 1024;
/** What a monitor is made of, by rooms; of the other rooms, which it imports types or constants from, nothing is in it. */
const MODULES: Readonly<Record<string, RegExp>> = {
  base: /./,
  // Registers' bytes, and what a list register is.
  device: /^(?:register(?:s|-device)|gic\/virtual-interface)\.js$/,
  embedded: /./,
  // The header of an Image.
  payload: /^(?:bytes\/source|kernel\/image)\.js$/,
  // How long a message may be.
  sel4: /^message\.js$/,
  vmm: /./,
};
const MODULE_LIMIT = 50;
const GICV3 = 'reg = <0xff001000 0x10000>, <0xff100000 0x80000>;';
const RAM_BYTES = 0x800_0000;
const INSTRUCTION_BYTES = 4n;
/** Words of seL4_UserContext. */
const [PC, X0, X1] = [0, 3, 4];

interface Scene {
  readonly plan: Plan;
  readonly natives: PlayedNatives;
  readonly domain: EmbeddedDomain;
  readonly script: string;
  readonly symbols: string;
  readonly modules: readonly string[];
  fault(label: keyof PlayedNatives['faultLabels'], ...words: readonly (number | bigint)[]): boolean;
}

async function scene(name: string, request: string, board?: SmallBoard): Promise<Scene> {
  const small = smallBoard(board);
  const plan = goodPlan(small, request);
  const directory = join(place, name);
  for (const { path, content } of projectFiles(plan, small.tree)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const [guest] = plan.guests;
  assert.ok(guest);
  const file = join(directory, `${plan.name}.system`);
  const { out } = await drivervm(['bundle', file, 'vmm.elf', '-o', join(directory, 'build'), '--json']);
  const { modules } = JSON.parse(out) as { readonly modules: readonly { readonly path: string }[] };
  const script = readFileSync(join(directory, 'build', 'vmm.js'), 'utf8');
  const symbols = readFileSync(join(directory, 'build', 'vmm_symbols.c'), 'utf8');
  const { ram } = guest;
  const dtb = Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0);
  const natives = playedNatives({
    memory: new Map([[ram.monitorVaddr, new ArrayBuffer(RAM_BYTES)]]),
    symbols: { guest_ram_vaddr: ram.monitorVaddr },
    images: { kernel: smallImage('6.1.0'), dtb, initrd: new Uint8Array(16).fill(7) },
    smp: guest.vm.vcpus > 1,
  });
  // What is not ECMAScript is not there: no console, no TextEncoder, no timers.
  const context = createContext({ natives });
  runInContext(script, context, { filename: 'vmm.js' });
  const { domain } = context as { readonly domain: EmbeddedDomain };
  domain.init();
  const fault: Scene['fault'] = (label, ...words) => {
    natives.calls.length = 0;
    natives.words.set(words.map(BigInt));
    return domain.fault(0, natives.faultLabels[label]);
  };
  return { plan, natives, domain, script, symbols, modules: modules.map(({ path }) => path), fault };
}

const REQUEST = 'pass: [serial0]\nram: { size: 128 MiB }';

test('a monitor puts the images into RAM, answers the guest, passes an interrupt on, starts it anew', async () => {
  const { plan, natives, domain, script, symbols, fault } = await scene('gicv2', REQUEST);
  const [guest] = plan.guests;
  assert.ok(guest);
  assert.ok(script.length < SCRIPT_LIMIT_BYTES, `${script.length} bytes`);
  assert.match(symbols, /guest_ram_vaddr/);
  assert.equal(natives.said, '');
  assert.ok(natives.calls.includes('writeContext 0 true'), natives.calls.join(', '));
  const context = natives.contexts.get(0);
  assert.ok(context);
  assert.equal(hex(context[PC] ?? 0n), hex(guest.ram.base), 'at the kernel’s entry');
  assert.equal(hex(context[X0] ?? 0n), hex(guest.dtb.base), 'with the tree in X0');
  const ram = new Uint8Array(natives.memory(guest.ram.monitorVaddr, RAM_BYTES));
  const { initrd } = guest;
  assert.deepEqual(
    [...ram.subarray((initrd?.base ?? 0) - guest.ram.base).subarray(0, 16)],
    Array(16).fill(7),
  );

  // GICD_TYPER, read into X1: a 32-bit load (Arm ARM D19.2.40: ISV, SAS, SRT).
  const { distributor } = plan.board.gic;
  const [load, store] = [0x9381_0007, 0x9381_0047];
  context[PC] = 0x1000n;
  assert.ok(fault('VMFault', 0x1000, distributor.base + 4, 0, load));
  assert.deepEqual([context[PC], (context[X1] ?? 0n) & 0x1fn], [0x1000n + INSTRUCTION_BYTES, 31n]);
  assert.deepEqual(natives.calls, ['readContext 0', 'writeContext 0 false']);

  // The UART's interrupt, once the guest has enabled it.
  const [irq] = guest.interrupts;
  assert.ok(irq);
  const write = (offset: number, value: number) => {
    context[X1] = BigInt(value);
    assert.ok(fault('VMFault', 0x1000, distributor.base + offset, 0, store));
  };
  write(0, 1);
  write(0x100 + 4 * Math.floor(irq.intid / 32), 2 ** (irq.intid % 32));
  domain.notified(irq.channel);
  assert.match(natives.calls.at(-1) ?? '', new RegExp(`^injectIrq 0 ${irq.intid} 0 \\d 0$`));
  assert.ok(fault('VGICMaintenance', 0));
  assert.ok(natives.calls.includes(`irqAck ${irq.channel}`));

  // PSCI_VERSION by SMC, and a restart.
  const smc = 0x5e00_0000;
  context[X0] = 0x8400_0000n;
  assert.ok(fault('VCPUFault', smc));
  assert.equal((context[X0] ?? 0n) >> 16n, 1n, 'PSCI 1.x');
  ram.fill(0xee, 0x10_0000, 0x10_0010);
  context[X0] = 0x8400_0009n;
  assert.equal(fault('VCPUFault', smc), false, 'the old guest is not replied to');
  assert.equal(ram[0x10_0000], 0, 'memory as after power-on');
  assert.ok(natives.calls.includes('writeContext 0 true'));
  assert.equal(natives.said, 'VMM: the guest asked for a restart\n');
});

test('a monitor is made of what it needs', async () => {
  const { modules } = await scene('modules', REQUEST);
  assert.ok(modules.length < MODULE_LIMIT, `${modules.length} modules`);
  const strangers = modules.filter((path) => {
    const [, room = '', rest = ''] = /(?:^|\/)dist\/src\/([^/]+)\/(.*)$/.exec(path) ?? [];
    return room !== '' && path.endsWith('.js') && MODULES[room]?.test(rest) !== true;
  });
  assert.deepEqual(strangers, []);
  const ofNpm = modules.filter((path) => path.includes('node_modules'));
  assert.deepEqual(ofNpm, []);
});

test('each example’s programs have the symbols that its description sets, and no others', () => {
  const systems = readdirSync(join(PROJECT_ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    // The tutorial's goes through the preprocessor first.
    .filter((path) => path.endsWith('.system') && !path.startsWith('mission'))
    .map((path) => join('examples', path));
  assert.ok(systems.length > 0);
  for (const system of systems) {
    const text = readFileSync(join(PROJECT_ROOT, system), 'utf8');
    const read = readSystemFile(join(PROJECT_ROOT, system), nodeHost().files, new DiagnosticSink());
    assert.ok(read);
    const { description } = read;
    // As text, with what is nested in other domains left out: here the monitors' own elements.
    for (const { name, programImage } of protectionDomainsOf(description)) {
      const own = elementOf(text, 'protection_domain', name);
      const set = new Set(
        [
          ...own.matchAll(/<(?:map|irq)\b[^>]*\bsetvar_(?:vaddr|id)="(\w+)"/g),
          ...own.matchAll(/<setvar\b[^>]*\bsymbol="(\w+)"/g),
        ].map(([, symbol = '']) => symbol),
      );
      for (const [end] of text.matchAll(/<end\b[^>]*>/g)) {
        const symbol = /\bsetvar_id="(\w+)"/.exec(end)?.[1];
        if (symbol !== undefined && end.includes(`pd="${name}"`)) set.add(symbol);
      }
      const layout = embeddedLayouts(description, programImage?.path ?? '').find(
        (each) => each.name === name,
      );
      assert.ok(layout);
      const compiled = [...symbolsCText([layout]).matchAll(/^ *\{ "(\w+)", &(\w+) \},$/gm)].map(
        ([, symbol, variable]) => {
          assert.equal(symbol, variable);
          return symbol;
        },
      );
      assert.deepEqual(compiled.sort(), [...set].sort(), `${system}: ${name}`);
    }
  }
});

/** An element by its name, without those of its kind in it. */
function elementOf(text: string, tag: string, name: string): string {
  const start = new RegExp(`<${tag}\\b[^>]*\\bname="${name}"[^>]*>`).exec(text);
  assert.ok(start, name);
  let depth = 1;
  let own = '';
  for (const [piece] of text
    .slice(start.index + start[0].length)
    .matchAll(new RegExp(`</?${tag}\\b[^>]*>|<[^>]*>`, 'g'))) {
    if (piece.startsWith(`</${tag}`)) depth -= 1;
    else if (piece.startsWith(`<${tag}`) && !piece.endsWith('/>')) depth += 1;
    if (depth === 0) break;
    if (depth === 1) own += piece;
  }
  return own;
}

test('several vCPUs: the second is started by PSCI', async () => {
  const { natives, fault } = await scene('smp', `${REQUEST}\nvcpus: 2`);
  assert.deepEqual(
    ['0 VMPIDR_EL2', '1 VMPIDR_EL2'].map((name) => natives.regs.get(name)),
    [0x8000_0000n, 0x8000_0001n],
  );
  const context = natives.contexts.get(0);
  assert.ok(context);
  const entry = BigInt(natives.contexts.get(0)?.[PC] ?? 0n);
  context.set([0xc400_0003n, 1n, entry, 0x77n], X0);
  assert.ok(fault('VCPUFault', 0x5e00_0000));
  assert.equal(context[X0], 0n, 'SUCCESS');
  assert.deepEqual([natives.contexts.get(1)?.[PC], natives.contexts.get(1)?.[X0]], [entry, 0x77n]);
});

test('GICv3', async () => {
  const { plan, natives, fault } = await scene('gicv3', REQUEST, {
    gic: GICV3,
    gicCompatible: 'arm,gic-v3',
  });
  const context = natives.contexts.get(0);
  assert.ok(context);
  // GICD_PIDR2: architecture revision 3.
  assert.ok(fault('VMFault', 0x1000, plan.board.gic.distributor.base + 0xffe8, 0, 0x9381_0007));
  assert.equal((context[X1] ?? 0n) & 0xf0n, 0x30n);
});

test('where the C around the engine is', async () => {
  const { out } = await drivervm(['bundle', '--runtime']);
  assert.match(readFileSync(join(out.trim(), 'domain.c'), 'utf8'), /seL4_Bool fault/);
  const { err } = await drivervm(['bundle', 'x.system'], { status: 2 }).catch((error: Error) => ({
    err: error.message,
  }));
  assert.ok(err !== undefined);
});
