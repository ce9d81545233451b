/** Requests: what is read, and the exact text and place of every refusal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { readRequest, requestCodes } from './index.ts';

function read(source: string) {
  const sink = new DiagnosticSink();
  const request = readRequest(source, 'r.yaml', sink);
  return { request, text: sink.sorted().map(formatDiagnostic) };
}

test('the shortest request passes everything to one guest', () => {
  const { request, text } = read('board: odroid.dtb\n');
  assert.deepEqual(text, []);
  assert.deepEqual(request, {
    dtb: 'odroid.dtb',
    guests: [
      {
        name: 'linux',
        kernel: 'Image',
        pass: 'all',
        except: [],
        cut: [],
        clocks: new Map(),
        ramSizeBytes: 512 * 2 ** 20,
        vcpus: 1,
        firmware: 'auto',
        virtio: [],
        priority: 100,
      },
    ],
    drivers: [],
  });
});

test('every key of a guest and of a driver is read', () => {
  const { request, text } = read(`
name: demo
board: { dtb: b.dtb, microkit: odroidc4 }
guests:
  - name: net
    kernel: vmlinuz
    initrd: initrd.gz
    pass: [ethernet, "&uart_AO"]
    except: [/soc/bus@ff600000/gpu@1]
    cut: ["pinctrl-*"]
    clocks: { serial0: 24000000 }
    ram: { size: 1 GiB, base: 0x8000_0000, one-to-one: true }
    vcpus: 2
    bootargs: quiet
    stdout: serial0
    firmware: forward
    virtio: [console, { kind: block, image: disk.img, mode: read-only }]
    priority: 9
  - name: other
    pass: none
drivers:
  - { name: uart, pass: [serial0], program: u.elf, class: serial, priority: 254 }
`);
  assert.deepEqual(text, []);
  assert.deepEqual(request?.guests[0], {
    name: 'net',
    kernel: 'vmlinuz',
    initrd: 'initrd.gz',
    pass: ['ethernet', '&uart_AO'],
    except: ['/soc/bus@ff600000/gpu@1'],
    cut: ['pinctrl-*'],
    clocks: new Map([['serial0', 24_000_000]]),
    ramSizeBytes: 2 ** 30,
    ramBase: 0x8000_0000,
    oneToOne: true,
    vcpus: 2,
    bootargs: 'quiet',
    stdout: 'serial0',
    firmware: 'forward',
    virtio: [{ kind: 'console' }, { kind: 'block', image: 'disk.img', mode: 'read-only' }],
    priority: 9,
  });
  assert.deepEqual(request?.guests[1]?.pass, []);
  assert.deepEqual(request?.drivers, [
    { name: 'uart', pass: ['serial0'], program: 'u.elf', class: 'serial', priority: 254 },
  ]);
  assert.equal(request?.microkitBoard, 'odroidc4');
});

const FIXTURES: readonly (readonly [code: string, source: string, expected: readonly string[]])[] = [
  [
    'syntax',
    'board: [a\nram: 1\n',
    [
      'r.yaml:2:1: error[request/syntax]: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ],
  ['syntax', '', ['r.yaml: error[request/syntax]: not valid YAML: there is nothing in it']],
  [
    'syntax',
    'board: a\n---\nboard: b\n',
    ['r.yaml:2:1: error[request/syntax]: not valid YAML: a second document begins here'],
  ],
  [
    'too-big',
    `board: ${'['.repeat(40)}`,
    [
      'r.yaml: error[request/too-big]: the request has more than 32 levels of nesting; the limit is 32\n' +
        '    hint: a request names devices and sizes; data belongs in files that it names',
    ],
  ],
  [
    'alias',
    'board: &b x.dtb\nkernel: *b\n',
    [
      'r.yaml:1:11: error[request/alias]: anchors and aliases are not used in requests\n    hint: write the value out',
      'r.yaml:2:9: error[request/alias]: anchors and aliases are not used in requests\n    hint: write the value out',
    ],
  ],
  [
    'unknown-key',
    'board: a\nexcpet: [gpu]\nzzz: 1\n',
    [
      'r.yaml:2:1: error[request/unknown-key]: the request has no key "excpet"\n    hint: did you mean "except"?',
      'r.yaml:3:1: error[request/unknown-key]: the request has no key "zzz"\n' +
        '    hint: the keys are name, board, kernel, initrd, pass, except, cut, clocks, ram, vcpus, bootargs, stdout, firmware, virtio, priority, guests, drivers',
    ],
  ],
  [
    'missing-key',
    'ram: {base: 0x40000000}\n',
    [
      'r.yaml:1:1: error[request/missing-key]: the request lacks the key "board"\n' +
        "    hint: board: the board's device tree, or a mapping with dtb and microkit",
      'r.yaml:1:6: error[request/missing-key]: ram lacks the key "size"\n' +
        '    hint: size: how much RAM the guest has; a multiple of 2 MiB',
    ],
  ],
  [
    'wrong-value',
    'board: a\nram: lots\nvcpus: 5\npass: some\nname: 1st\nexcept: {a: 1}\n',
    [
      'r.yaml:2:6: error[request/wrong-value]: ram should be a size such as 512 MiB or 0x2000_0000; this is "lots"',
      'r.yaml:3:8: error[request/wrong-value]: vcpus should be a whole number from 1 to 4; this is "5"',
      'r.yaml:4:7: error[request/wrong-value]: pass should be one of all, none; this is "some"',
      'r.yaml:5:7: error[request/wrong-value]: name should be a name: a letter, then at most 30 letters, digits, "_" or "-"; this is "1st"',
      'r.yaml:6:9: error[request/wrong-value]: except should be a list, each entry text of one line, at most 4096 characters; this is a mapping',
    ],
  ],
  [
    'same-name',
    'board: a\nguests: [{name: x}]\ndrivers: [{name: x, pass: [serial0]}]\n',
    ['r.yaml:3:18: error[request/same-name]: the name "x" is already a guest\'s'],
  ],
  [
    'guest-keys-twice',
    'board: a\nkernel: k\nguests: [{name: x}]\n',
    [
      'r.yaml:2:1: error[request/guest-keys-twice]: "kernel" is a guest\'s key, and the request has a list of guests\n' +
        '    hint: move "kernel" into the guest that it belongs to',
    ],
  ],
];

for (const [code, source, expected] of FIXTURES) {
  test(`request/${code}: ${JSON.stringify(source.slice(0, 40))}`, () => {
    const { request, text } = read(source);
    assert.deepEqual(text, expected);
    assert.equal(request, undefined);
  });
}

test('every request code has a fixture', () => {
  const shown = new Set(FIXTURES.map(([code]) => code));
  assert.deepEqual(
    Object.keys(requestCodes).filter((code) => !shown.has(code)),
    [],
  );
});

test('hostile requests are refused, quickly and without a crash', () => {
  const hostile = [
    'x'.repeat(300_000),
    '['.repeat(200_000),
    '- '.repeat(120_000),
    '{a: '.repeat(60_000),
    `a: &a [${'*a, '.repeat(1000)}]`,
    '&a '.repeat(1000),
    '\u0000\u0001board: a',
    '? '.repeat(100_000),
    '!!js/function "x"',
    'board: 0x'.concat('f'.repeat(1000)),
    `pass: [${'a, '.repeat(5000)}]`,
    'ram: 99999999999999999999 GiB',
    'ram: {base: -1, size: 0}',
    '__proto__: 1\nconstructor: 2',
    '%TAG ! tag:x,2000:\n---\na: 1',
  ];
  const start = process.hrtime.bigint();
  for (const source of hostile) {
    const { request, text } = read(source);
    assert.equal(request, undefined, source.slice(0, 30));
    assert.ok(text.length > 0, source.slice(0, 30));
  }
  assert.ok(process.hrtime.bigint() - start < 20_000_000_000n);
});
