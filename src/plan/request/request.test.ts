/** Requests: what is read, and the exact text and place of every refusal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { readRequest } from './index.ts';

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
