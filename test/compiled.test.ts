/**
 * What is compiled of the monitor: the written files are of today's TypeScript, their C does what that does (as WebAssembly, which clang makes
 * of it), and what is not of the subset is refused with its place.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { answersFiles } from '../compiled/answers-unit.ts';
import { sourceText } from '../compiled/print-unit.ts';
import { readModule, type StateKind, SubsetError } from '../compiled/subset.ts';
import { type Random, seededRandom } from '../fuzz/random.ts';
import { layoutBytes } from '../src/base/index.ts';
import {
  answersEnd,
  answersNotified,
  answersTimer,
  answersVcpuFault,
  answersVmFault,
} from '../src/vmm/direct/answers.ts';
import { FAULT_LAYOUT, type FaultState, faultState } from '../src/vmm/direct/state.ts';
import { VgicDevice } from '../src/vmm/vgic/device.ts';
import { VGIC_LAYOUT, type VgicState } from '../src/vmm/vgic/state.ts';
import { type WasmMemory, type WasmModule, wasmEngine } from '../src/wasm/index.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { runOracle } from './support/oracles.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-compiled-'));
after(() => rmSync(place, { recursive: true }));

test('the C is of the TypeScript as it is', async () => {
  for (const [path, text] of Object.entries(await answersFiles()))
    assert.equal(readFileSync(join(PROJECT_ROOT, path), 'utf8'), text, `${path}: npm run compiled`);
});

// ---- The C and the TypeScript, side by side ----

interface Side {
  readonly log: string[];
  readonly vgic: Uint8Array;
  readonly faults: Uint8Array;
  answer(entry: Entry, argument: number): boolean;
}

const ENTRIES = { answersVmFault, answersTimer, answersEnd, answersVcpuFault };
type Entry = keyof typeof ENTRIES | 'answersNotified';

/** What both ask of the kernel, as a list. */
function playedCalls(log: string[], control: () => number) {
  const call =
    (name: string) =>
    (...args: readonly (number | bigint)[]): void => {
      log.push([name, ...args].join(' '));
    };
  const succeeds = (name: string) => (id: number | bigint) => log.push(`${name} ${id}`) > 0;
  return {
    injectIrq: call('injectIrq'),
    ackVppi: call('ackVppi'),
    irqAck: call('irqAck'),
    acknowledge: call('acknowledge'),
    timerControl: (id: number | bigint) => (log.push(`timerControl ${id}`) > 0 ? control() : 0),
    readContext: succeeds('readContext'),
    writeContext: succeeds('writeContext'),
  };
}

function inTypescript(
  version: 2 | 3,
  vcpuCount: number,
  control: () => number,
): Side & { readonly vgicState: VgicState } {
  const log: string[] = [];
  const calls = playedCalls(log, control);
  const redistributors = [
    { base: REDISTRIBUTORS, size: 0x2_0000 },
    { base: REDISTRIBUTORS + 0x100_0000, size: 0x20_0000 },
  ];
  const frames =
    version === 2
      ? { version, distributor: DISTRIBUTOR }
      : { version, distributor: DISTRIBUTOR, redistributors };
  const ids = Array.from({ length: vcpuCount }, (_, vcpu) => 2 * vcpu + 1);
  const device = new VgicDevice(frames, ids, calls);
  for (const { range } of device.frames()) device.placed(range);
  for (let intid = 32; intid < 64; intid += 1) device.passedThrough(intid % vcpuCount, intid, intid - 20);
  for (let intid = 64; intid < 72; intid += 1) device.ownedByProgram(0, intid);
  for (let intid = 72; intid < 76; intid += 1) {
    const line = device.deviceLine(intid);
    line?.placed(VIRTIO + 0x200 * (intid - 72));
    line?.status.fill(intid % 4);
  }
  for (const vcpu of ids.keys()) device.timerIs(vcpu, 27);
  const { state } = device;
  // As a guest has them that is at work, so that list registers fill up.
  state.enabled.fill(1);
  state.groupEnabled.fill(1);
  state.ownFaults[0] = 1;
  state.ownChannels[0] = 1;
  const faults: FaultState = faultState(calls);
  faults.placeOfX.set(Array.from({ length: 31 }, (_, register) => register + 3));
  return {
    log,
    vgicState: state,
    vgic: new Uint8Array(state.enabled.buffer),
    faults: new Uint8Array(faults.context.buffer),
    answer: (entry, argument) =>
      entry === 'answersNotified'
        ? answersNotified(state, argument)
        : ENTRIES[entry](faults, state, argument),
  };
}

const [DISTRIBUTOR, REDISTRIBUTORS, VIRTIO] = [0x800_0000, 0x9_0000_0000, 0x12_0a00_0000];

function compiled(): string {
  const file = join(place, 'answers.wasm');
  const exported = [...Object.keys(ENTRIES), 'answersNotified', 'vgic', 'faults'];
  const { status, stderr } = runOracle('clang', [
    '--target=wasm32',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-ffreestanding',
    '-nostdlib',
    '-Wl,--no-entry,--allow-undefined',
    ...exported.map((name) => `-Wl,--export=${name}`),
    join(PROJECT_ROOT, 'runtime/sel4/answers.c'),
    '-o',
    file,
  ]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return file;
}

interface Compiled {
  readonly memory: WasmMemory;
  /** Addresses. */
  readonly vgic: { readonly value: number };
  readonly faults: { readonly value: number };
  readonly [entry: string]: unknown;
}

function inC(module: WasmModule, control: () => number): Side {
  const log: string[] = [];
  const calls = playedCalls(log, control);
  const env = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      `call_${name}`,
      (...args: readonly bigint[]) => {
        const result = (call as (...args: readonly bigint[]) => unknown)(...args);
        return typeof result === 'number' ? BigInt(result) : result;
      },
    ]),
  );
  const exports = new wasmEngine.Instance(module, { env }).exports as unknown as Compiled;
  const bytes = (at: Compiled['vgic'], size: number) => new Uint8Array(exports.memory.buffer, at.value, size);
  return {
    log,
    vgic: bytes(exports.vgic, layoutBytes(VGIC_LAYOUT)),
    faults: bytes(exports.faults, layoutBytes(FAULT_LAYOUT)),
    answer: (entry, argument) => (exports[entry] as (argument: bigint) => number)(BigInt(argument)) === 1,
  };
}

/** Offsets of registers of every kind. */
const OFFSETS = [
  0, 4, 8, 0x14, 0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x800, 0xc00, 0xf00, 0xfe8, 0xff0,
  0x6100, 0xffe8, 0x1_0100, 0x1_0180, 0x1_0200, 0x1_0400, 0x1_0c00,
];

/** A fault or a notification, its words put into both sides' messages. */
function nextEvent(random: Random, version: 2 | 3, sides: readonly Side[]): [Entry, number] {
  const words = new Uint32Array(8);
  const id = random.below(10) === 0 ? random.below(70) : 2 * random.below(4) + 1;
  const registers = random.bytes(4 * 8);
  // X1 to X4.
  for (const { faults } of sides) faults.set(registers, 8 * 4);
  const put = (): void => {
    const message = 4 * FAULT_LAYOUT.context[1];
    for (const { faults } of sides) faults.set(new Uint8Array(words.buffer), message);
  };
  const kind = random.below(12);
  if (kind === 0)
    return [
      random.below(2) === 0 ? 'answersNotified' : 'answersTimer',
      notifiedOrTimer(random, words, put, id),
    ];
  if (kind < 4) {
    words[0] = random.below(5);
    put();
    return ['answersEnd', id];
  }
  if (kind === 4) {
    const sgi1r = 0x6000_0000 + 0x3a_3016 + (random.below(8) << 5);
    words[0] = random.below(3) === 0 ? random.below(2 ** 32) : random.below(2) === 0 ? 0x0600_0000 : sgi1r;
    put();
    return ['answersVcpuFault', id];
  }
  if (kind === 5) return ['answersNotified', random.below(70)];
  const size = random.below(3);
  const offset =
    (OFFSETS[random.below(OFFSETS.length)] ?? 0) + 4 * random.below(random.below(3) === 0 ? 64 : 4);
  const frame =
    version === 3 && random.below(2) === 0 ? REDISTRIBUTORS + 0x2_0000 * random.below(3) : DISTRIBUTOR;
  const isVirtio = random.below(5) === 0;
  const addr =
    (isVirtio ? VIRTIO + 0x200 * random.below(5) + 0x50 + 4 * random.below(8) : frame + offset) +
    (random.below(40) === 0 ? 0x4000_0000 : 0) +
    (size < 2 ? random.below(4) & -(1 << size) : 0);
  words.set([random.below(2 ** 32), random.below(2 ** 32)], 0);
  words.set([addr % 2 ** 32, Math.floor(addr / 2 ** 32)], 2);
  words[4] = Number(random.below(100) === 0);
  const syndrome = 0x9300_0000 + size * 0x40_0000 + (random.below(32) << 16) + random.below(2) * 0x40 + 7;
  words[6] = random.below(50) === 0 ? random.below(2 ** 32) : syndrome;
  put();
  return ['answersVmFault', id];
}

function notifiedOrTimer(random: Random, words: Uint32Array, put: () => void, id: number): number {
  words[0] = random.below(4) === 0 ? random.below(40) : 27;
  put();
  return id;
}

for (const version of [2, 3] as const) {
  test(`version ${version}: the C does what the TypeScript does`, async () => {
    const module = new wasmEngine.Module(readFileSync(compiled()));
    let answered = 0;
    for (let round = 0; round < 40; round += 1) {
      const random = seededRandom(1000 * version + round);
      let control = 5;
      const typescript = inTypescript(
        version,
        version === 2 ? 1 + (round % 4) : 1 + (round % 6),
        () => control,
      );
      const c = inC(module, () => control);
      c.vgic.set(typescript.vgic);
      c.faults.set(typescript.faults);
      for (let index = 0; index < 400; index += 1) {
        control = random.below(8);
        const [entry, argument] = nextEvent(random, version, [typescript, c]);
        const answers = [typescript, c].map((side) => side.answer(entry, argument));
        assert.equal(answers[1], answers[0], `${entry} in round ${round}, ${index}`);
        answered += Number(answers[0]);
        assert.deepEqual(c.log, typescript.log, `${entry} in round ${round}, ${index}`);
        c.log.length = 0;
        typescript.log.length = 0;
      }
      assert.ok(Buffer.from(c.vgic).equals(typescript.vgic), `the state after round ${round}`);
      assert.ok(Buffer.from(c.faults).equals(typescript.faults), `the registers after round ${round}`);
    }
    assert.ok(answered > 5000, `${answered} of 16000 were answered at all`);
  });
}

// ---- What is not of the subset ----

const STATE: StateKind = {
  type: 'S',
  variable: 'state',
  layout: { cells: ['u8', 4] },
  calls: new Map([['ask', { parameters: ['number'], returns: 'number' }]]),
};

function printed(body: string, head = ''): string {
  const text = `${head}export function f(s: S, n: number): number {\n  ${body}\n}`;
  const modules = [readModule('m.ts', [STATE], text)];
  const unit = { header: 'm.h', comment: '', modules, states: [STATE], entries: new Set(['f']) };
  return sourceText({ ...unit, constant: () => 7 });
}

test('what each part of the subset becomes', () => {
  const cases: Readonly<Record<string, string>> = {
    'return (s.cells[n] ?? 0) + 1;': 'return READ(u8, state.cells, n) + 1;',
    'return s.cells[n] === 3 ? 1 : 0;': 'return (CELL(u8, state.cells, n) == 3) ? 1 : 0;',
    's.cells[n] = 1; return 0;': 'WRITE(u8, state.cells, n, 1);',
    'return (n << 3) >>> 1;': 'return SHR(SHL(n, 3), 1);',
    'return s.calls.ask(n & 0xff);': 'return call_ask(I32(n & 0xff));',
    'return f(s, -n);': 'return f(-n);',
    'return n - 0x1_0000_0000;': 'return n - INT64_C(0x100000000);',
  };
  for (const [body, text] of Object.entries(cases)) assert.ok(printed(body).includes(text), printed(body));
});

test('what is not of the subset is refused with its place', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    'return n / 2;': /^m\.ts:2:10: no operator/,
    'return s.cells[n];': /^m\.ts:2:10: a cell may not be there/,
    'return s.cells[n] === n ? 1 : 0;': /a cell is compared with a constant/,
    'return n === 1 ? s.cells[n] : 0;': /a cell may not be there/,
    'const list = [n]; return n;': /no expression of the subset: ArrayExpression/,
    'return n ? 1 : 0;': /a boolean is needed here/,
    'return s.other[n] ?? 0;': /S has no cells other/,
    'let register = n; return register;': /register is a word of C's own/,
    'return g(n);': /g is no function of the subset/,
    'return 1.5;': /a value is a whole number/,
    'throw n;': /no statement of the subset/,
    'return Math.floor(n);': /of Math there is clz32/,
    'return n + unknown;': /unknown is not known here/,
    'const f = (m: number) => m; return n;': /no expression of the subset/,
  };
  for (const [body, expected] of Object.entries(cases))
    assert.throws(
      () => printed(body),
      (error: Error) => error instanceof SubsetError && expected.test(error.message),
      body,
    );
  assert.throws(
    () => printed('return n;', 'let state = 1;\n'),
    /a module has imports, constants and functions/,
  );
});
