/**
 * Monitors in the engine that they have on seL4 (`run --engine quickjs`): a run is the same as without, and a program that is wrong or
 * hostile ends with a diagnostic and reaches nothing of this process or machine.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeDtb } from '../src/devicetree/index.ts';
import { assemble } from './support/assembler.ts';
import { BARE_BOARD } from './support/bare-board.ts';
import { drivervm, outcomeOf } from './support/command.ts';
import { treeOfDts } from './support/trees.ts';

/** Asks for PSCI_VERSION, reads GICD_TYPER and sets its virtual timer, whose interrupt it takes; says a letter for each; then a call of PSCI's. */
const GUEST = (call: number) => `
    adr x0, vectors
    msr vbar_el1, x0
    mov x20, #0x9000000
    mov w1, #0x301
    str w1, [x20, #0x30]
    movz x0, #0x8400, lsl #16
    smc #0
    mov w1, #0x70
    str w1, [x20]
    mov x21, #0x8000000
    ldr w2, [x21, #4]
    mov w1, #0x67
    str w1, [x20]
    mov w1, #1
    str w1, [x21]
    movz w1, #0x0800, lsl #16
    str w1, [x21, #0x100]
    add x22, x21, #0x10000
    mov w1, #0xff
    str w1, [x22, #4]
    mov w1, #1
    str w1, [x22]
    mov x1, #1000
    msr cntv_tval_el0, x1
    mov x1, #1
    msr cntv_ctl_el0, x1
    msr daifclr, #2
  wait: wfi
    b wait
    .balign 2048
  vectors:
    .space 0x280
    mov w1, #0x74
    str w1, [x20]
    msr cntv_ctl_el0, xzr
    ldr w1, [x22, #0xc]
    str w1, [x22, #0x10]
    mov w1, #0x0a
    str w1, [x20]
    movz x0, #0x8400, lsl #16
    movk x0, #${call}
    smc #0
  stop: b stop`;

const directory = mkdtempSync(join(tmpdir(), 'drivervm-engine-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
writeFileSync(file('b.dtb'), writeDtb(treeOfDts(BARE_BOARD)));
writeFileSync(file('k.bin'), assemble(GUEST(8)));
writeFileSync(
  file('r.yaml'),
  'name: bare\nboard: b.dtb\npass: ["pl011@9000000"]\nkernel: k.bin\nram: 64 MiB\n',
);
await drivervm(['plan', file('r.yaml'), '-o', file('p')]);
const MONITOR = readFileSync(file('p/vmm.ts'), 'utf8');

const run = () => outcomeOf(['run', file('p'), '--timeout', '60', '--engine', 'quickjs']);

interface RunAnswer {
  readonly end: string;
  readonly account: object;
  readonly diagnostics: readonly { readonly code: string }[];
}

/** The answer without what this machine took. */
async function answerOf(engine: string): Promise<RunAnswer> {
  const { out } = await outcomeOf(['run', file('p'), '--timeout', '60', '--engine', engine, '--json']);
  return JSON.parse(out, (key, value) =>
    /^(?:hostSeconds|mips)$/.test(key) ? undefined : value,
  ) as RunAnswer;
}

/** With this before the monitor starts its guest. */
async function running(code: string, top = '') {
  writeFileSync(file('p/vmm.ts'), `${top}\n${MONITOR.replace('    init() {\n', `    init() {\n${code}\n`)}`);
  return await run();
}

/** It is stopped, and that is what is said of it. */
async function stopped(code: string, reason: RegExp, top = ''): Promise<void> {
  const { status, out, err } = await running(code, top);
  assert.equal(status, 1, `${err.slice(-3000)}\n${out}`);
  assert.match(err.slice(-3000), reason);
  assert.doesNotMatch(err, OURS);
}

/** Each of these throws something; the guest starts all the same. */
async function thrown(cases: Readonly<Record<string, RegExp>>): Promise<void> {
  const tries = Object.keys(cases).map(
    (code, index) =>
      `try { ${code}; monitor.log('${index}: nothing'); } catch (e) { monitor.log(\`${index}: \${e}\`); }`,
  );
  const { status, out, err } = await running(tries.join('\n'), NATIVES);
  assert.equal(status, 0, err);
  assert.equal(out, 'pgt\n');
  assert.doesNotMatch(err, OURS);
  const said = err.split('\n');
  for (const [index, [code, expected]] of Object.entries(cases).entries())
    assert.match(said.find((line) => line.startsWith(`VMM: ${index}: `)) ?? '', expected, code);
}

/** Stacks of this process's. */
const OURS = /node:internal|wasm-function/;
const NATIVES = 'const natives = (globalThis as never as { natives: any }).natives;';

test('a run is the same to the instruction, by all that is said of it', async () => {
  writeFileSync(file('p/vmm.ts'), MONITOR);
  const [host, quickjs] = [await answerOf('host'), await answerOf('quickjs')];
  assert.equal(host.end, 'off');
  assert.deepEqual(quickjs, host);
});

test('what an engine without a host does not have is missed, with the line of the program', async () => {
  await stopped(
    '      process.exit(7);',
    /failed: ReferenceError: process is not defined, at \S*p\/vmm\.ts:\d+:7/,
  );
  await thrown({
    "console.log('here')": /ReferenceError: console/,
    "fetch('http://127.0.0.1:1/')": /ReferenceError: fetch/,
    "new Function('return process')()": /ReferenceError: process/,
    "(0, eval)('require')('fs')": /ReferenceError: require/,
    'setTimeout(() => {}, 1)': /ReferenceError: setTimeout/,
    'new WebAssembly.Memory({ initial: 1 })': /ReferenceError: WebAssembly/,
    "natives.dbgPuts.constructor('return process')()": /ReferenceError: process/,
    'if (Date.now() === 0) throw new Date().toISOString()': /1970-01-01T00:00:00\.000Z/,
  });
});

test('nothing is loaded that is not of the project, not even to be looked at', async () => {
  await stopped(
    '',
    /error\[embedded\/not-bundled\].*"fs" is not to be had/,
    "import { rmSync } from 'fs';\nrmSync('p');",
  );
  await stopped("      require('fs').rmSync('p');", /error\[embedded\/not-bundled\].*"fs"/);
  writeFileSync(file('secret.json'), '{"secret":"7 of 9"}');
  const reading = "import secret from '../secret.json';\n";
  await stopped(
    '      monitor.log(JSON.stringify(secret));',
    /secret\.json lies outside of the program/,
    reading,
  );
  symlinkSync(file('secret.json'), file('p/link.json'));
  await stopped(
    '      monitor.log(JSON.stringify(secret));',
    /secret\.json lies outside of the program/,
    "import secret from './link.json';\n",
  );
  rmSync(file('p/link.json'));
  writeFileSync(file('p/mine.json'), '{"mine":"is mine"}');
  const { err } = await running('      monitor.log(mine.mine);', "import mine from './mine.json';\n");
  assert.match(err, /VMM: is mine/);
});

test('a protected call of one monitor to another, both in the engine, as without it', async () => {
  writeFileSync(
    file('two.yaml'),
    `name: two
board: b.dtb
guests:
  - { name: a, kernel: k.bin, ram: 64 MiB, pass: ["pl011@9000000"] }
  - { name: b, kernel: k.bin, ram: 64 MiB, pass: [] }
`,
  );
  await drivervm(['plan', file('two.yaml'), '-o', file('two')]);
  const edit = (name: string, from: RegExp, to: string): void => {
    const text = readFileSync(file(`two/${name}`), 'utf8');
    assert.match(text, from);
    writeFileSync(file(`two/${name}`), text.replace(from, to));
  };
  edit('two.system', /name="b_vmm" priority="\d+"/, 'name="b_vmm" priority="150"');
  const channel = '<channel><end pd="a_vmm" id="60" pp="true" /><end pd="b_vmm" id="3" /></channel>';
  edit('two.system', /<\/system>/, `${channel}</system>`);
  edit(
    'a_vmm.ts',
    / {4}init\(\) \{\n/,
    `    init() {
      const { label, words } = microkit.ppcall(60, { label: 7, words: [1n, 2n ** 63n - 1n] });
      monitor.log(\`\${label}: \${words.join()}\`);
`,
  );
  edit(
    'b_vmm.ts',
    /return monitor\.program\(\{/,
    `const protectedCall: Program['protected'] = (channel, { label, words }) => {
    monitor.log(\`label \${label} on channel \${channel}\`);
    return { label: label + 1, words: words.map((word) => word * 2n) };
  };
  return Object.assign(made(), { protected: protectedCall });
  function made() { return monitor.program({`,
  );
  edit('b_vmm.ts', /\n\}\n$/, '\n}}\n');
  for (const engine of ['quickjs', 'host']) {
    const { err } = await outcomeOf(['run', file('two'), '--timeout', '60', '--engine', engine]);
    assert.match(err, /b_vmm: label 7 on channel 3\n.*a_vmm: 8: 2,18446744073709551614/s);
  }
});

test('what has no end, has one', async () => {
  const loop = /failed: it was in a loop for more than 5,000,000 turns, at \S*vmm\.ts:\d+/;
  await stopped('      for (;;) { try { for (;;); } catch {} finally { continue; } }', loop);
  await stopped('      for (;;) try { monitor.log("again"); } catch {}', loop);
  await stopped("      /(a+)+$/.test('a'.repeat(64).concat('b'));", loop);
});

test('a full stack and a full heap end the program, by whatever they are filled', async () => {
  const stack = /failed: (?:RangeError: Maximum call stack size exceeded|its stack is full)/;
  await stopped('      const f = (): number => 1 + f();\n      f();', stack);
  await stopped("      JSON.parse('['.repeat(20000));", stack);
  const heap = /failed: (?:InternalError: )?out of memory/;
  await stopped('      const all: unknown[] = [];\n      for (;;) all.push({ all });', heap);
  await stopped('      const all: unknown[] = [];\n      for (;;) all.push(new ArrayBuffer(65536));', heap);
  await stopped(
    "      const all: string[] = [];\n      for (;;) all.push('x'.repeat(9999) + all.length);",
    heap,
  );
});

test('what is mapped is all the memory that there is', () =>
  thrown({
    'natives.memory(0, 4096)': /nothing is mapped for 4096 bytes at 0x0/,
    'natives.memory(GUEST_RAM_BASE, 2 ** 40)': /nothing is mapped/,
    'natives.memory(GUEST_RAM_BASE, -1)': /nothing is mapped/,
    'natives.memory(Number.NaN, { valueOf: () => 4096 })': /nothing is mapped/,
    'natives.memory(0x08040000, 4096)': /nothing is mapped/,
    'natives.read32(0x08000000)': /nothing is mapped/,
    'natives.write32(GUEST_RAM_BASE + GUEST_RAM_BYTES, 1)': /nothing is mapped/,
    'natives.cleanCache(0, 2 ** 30)': /nothing is mapped/,
    'natives.irqAck(60)': /has no channel 60/,
    'natives.notify(1)': /has no channel 1/,
    'natives.readContext(9)': /has no vCPU 9/,
    'natives.readReg(0, 99)': /there is no register 99/,
    'natives.injectIrq(0, 33, 99, 0, 0)': /there is no priority 99/,
    'new natives.memory(0, 1)': /TypeError/,
    // It is the engine's own memory that would go to its heap.
    'natives.vgic.transfer(8)': /TypeError: not a function/,
    'natives.vgic.resize(8)': /TypeError/,
    // What comes back has all its bits.
    'throw BigInt.asUintN(64, -1n) + BigInt.asUintN(32, 0x184000050n)': /18446744075924144207/,
  }));

test('what a program does to its own language and memory stays its own', async () => {
  const polluted = await running(
    `      (Object.prototype as any).polluted = 1;
      Object.prototype.toString = () => 'mine';
      Array.prototype.map = () => { throw 1; };
      globalThis.Map = undefined as never;`,
  );
  assert.doesNotMatch(polluted.err, OURS);
  assert.equal(Reflect.has({}, 'polluted'), false);
  assert.equal(`${{}}`, '[object Object]');
  // What is answered before the program is asked works on this memory.
  const overwritten = await running(
    `      setUp();
      for (const each of [natives.vgic, natives.faults]) new Uint8Array(each).fill(0xff);`,
    `${NATIVES}\nconst setUp = () => {};`,
  );
  assert.doesNotMatch(overwritten.err, OURS);
});

test('a guest that asks for a restart gets one, and a saved run goes on as it would have', async () => {
  writeFileSync(file('k.bin'), assemble(GUEST(9)));
  await drivervm(['plan', file('r.yaml'), '-o', file('again')]);
  const flags = ['--until', 'pgt\npgt\npgt', '--timeout', '60'];
  const host = await outcomeOf(['run', file('again'), ...flags]);
  const first = ['run', file('again'), '--engine', 'quickjs'];
  const quickjs = await outcomeOf([...first, ...flags]);
  assert.deepEqual([quickjs.out, quickjs.status], [host.out, 0]);
  const saved = ['--save', file('snapshot'), '--until', 'pgt\npg'];
  const before = await outcomeOf([...first, ...saved]);
  const after = await outcomeOf([
    ...first,
    '--resume',
    file('snapshot'),
    '--until',
    't\npgt',
    '--timeout',
    '60',
  ]);
  assert.equal(after.status, 0, after.err);
  assert.equal(before.out.trimEnd() + after.out, quickjs.out);
  const other = await outcomeOf(['run', file('again'), '--resume', file('snapshot')]);
  assert.match(other.err, /what differs: the programs' engine/);
});
