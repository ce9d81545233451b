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
        macs: new Map(),
        vcpus: 1,
        firmware: 'auto',
        virtio: [],
        serves: [],
        priority: 100,
      },
    ],
    drivers: [],
    disks: [],
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
    load-at: { kernel: 0x4008_0000, dtb: 0x4000_0000 }
    pass: [ethernet, "&uart_AO"]
    except: [/soc/bus@ff600000/gpu@1]
    cut: ["pinctrl-*"]
    clocks: { serial0: 24000000 }
    mac: { ethernet0: 02:00:00:00:00:0A }
    ram: { size: 1 GiB, base: 0x8000_0000, one-to-one: true }
    vcpus: 2
    bootargs: quiet
    stdout: serial0
    firmware: forward
    virtio: [console, { kind: block, image: disk.img, mode: read-only }, { kind: net, mac: 02:00:00:00:00:10 }]
    serves: [{ device: mmc1 }]
    priority: 9
  - name: other
    pass: none
drivers:
  - { name: uart, pass: [serial0], program: u.elf, class: serial, priority: 254 }
`);
  assert.deepEqual(text, []);
  const { places, ...net } = request?.guests[0] ?? {};
  assert.deepEqual(
    [...(places ?? [])].map(([selector, { line, column }]) => [selector, line, column]),
    [
      ['ethernet', 9, 12],
      ['&uart_AO', 9, 22],
      ['/soc/bus@ff600000/gpu@1', 10, 14],
      ['serial0', 17, 13],
      ['mmc1', 20, 24],
    ],
  );
  assert.deepEqual(net, {
    name: 'net',
    kernel: 'vmlinuz',
    initrd: 'initrd.gz',
    loadAt: { kernel: 0x4008_0000, dtb: 0x4000_0000 },
    pass: ['ethernet', '&uart_AO'],
    except: ['/soc/bus@ff600000/gpu@1'],
    cut: ['pinctrl-*'],
    clocks: new Map([['serial0', 24_000_000]]),
    macs: new Map([['ethernet0', '02:00:00:00:00:0a']]),
    ramSizeBytes: 2 ** 30,
    ramBase: 0x8000_0000,
    oneToOne: true,
    vcpus: 2,
    bootargs: 'quiet',
    stdout: 'serial0',
    firmware: 'forward',
    virtio: [
      { kind: 'console' },
      { kind: 'block', image: 'disk.img', mode: 'read-only' },
      { kind: 'net', mac: '02:00:00:00:00:10' },
    ],
    serves: [{ device: 'mmc1', name: 'net' }],
    priority: 9,
  });
  assert.deepEqual(request?.guests[1]?.pass, []);
  const [{ places: driverPlaces, ...uart } = {}, ...others] = request?.drivers ?? [];
  assert.deepEqual(driverPlaces?.get('serial0'), { file: 'r.yaml', line: 25, column: 26 });
  assert.deepEqual(
    [uart, ...others],
    [{ name: 'uart', pass: ['serial0'], program: 'u.elf', class: 'serial', priority: 254 }],
  );
  assert.equal(request?.microkitBoard, 'odroidc4');
});

test('what flags say has no place in a file', () => {
  const sink = new DiagnosticSink();
  assert.equal(readRequest('board: b\nram: much\n', undefined, sink), undefined);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), [
    'error[request/wrong-value]: ram should be a size such as 512 MiB or 0x2000_0000; this is "much"',
  ]);
  const request = readRequest('board: b\npass: [serial0]\n', undefined, new DiagnosticSink());
  assert.equal(request?.guests[0]?.places, undefined);
});

test('hostile requests are refused without a crash', () => {
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
  for (const source of hostile) {
    const { request, text } = read(source);
    assert.equal(request, undefined, source.slice(0, 30));
    assert.ok(text.length > 0, source.slice(0, 30));
  }
});
