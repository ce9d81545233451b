/** What is asked for in words, and what is written: text, JSON lines, Chrome's format by its document. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../base/index.ts';
import type { TraceEvent } from './event.ts';
import { formatOfFile, traceFormat } from './formats.ts';
import { isWanted, parseTrace } from './spec.ts';
import { systemCallName } from './system-call-names.ts';

test('kinds and filters', () => {
  assert.deepEqual(parseTrace('irq'), [{ kind: 'irq', fromNs: 0, toNs: Number.POSITIVE_INFINITY }]);
  const [mmio, calls] = parseTrace(
    'mmio:device=serial@*:name=UART*:range=0x1000-0x2000,syscall:guest=linux:from=0.5:to=1',
  );
  assert.deepEqual(calls, { kind: 'syscall', guest: 'linux', fromNs: 5e8, toNs: 1e9 });
  const specs = mmio === undefined ? [] : [mmio];
  const access = {
    kind: 'mmio',
    timeNs: 7,
    device: '/soc/serial@9000000',
    name: 'UARTDR',
    address: 0x1000n,
  } as const;
  assert.equal(isWanted(specs, access), true);
  for (const other of [
    { device: '/soc/ethernet@0' },
    { name: 'PSCI' },
    { address: 0x2000n },
    { address: undefined },
    { kind: 'irq' },
  ] as const)
    assert.equal(isWanted(specs, { ...access, ...other }), false);
  const call = { kind: 'syscall', guest: 'linux', timeNs: 6e8 } as const;
  assert.equal(isWanted(parseTrace('syscall:from=0.5:to=1'), call), true);
  assert.equal(isWanted(parseTrace('syscall:from=0.5:to=1'), { ...call, timeNs: 1e9 }), false);
  for (const wrong of [
    '',
    'everything',
    'irq:',
    'irq:device=',
    'irq:from=soon',
    'mmio:range=1-2',
    'function',
  ])
    assert.throws(() => parseTrace(wrong), Refusal, wrong);
});

const EVENTS: readonly TraceEvent[] = [
  { kind: 'vcpu', timeNs: 0, process: 'linux', thread: 'vCPU 0', name: 'starts', fields: { pc: '0x80000' } },
  {
    kind: 'turn',
    timeNs: 1000,
    durationNs: 2500,
    process: 'linux',
    thread: 'vCPU 0',
    name: 'runs',
    fields: { instructions: 2500 },
  },
  {
    kind: 'line',
    timeNs: 2000,
    process: 'board',
    thread: 'interrupt lines',
    name: 'INTID 33',
    fields: { intid: 33 },
    level: 'high',
  },
  {
    kind: 'line',
    timeNs: 2100,
    process: 'board',
    thread: 'interrupt lines',
    name: 'INTID 33',
    fields: { intid: 33 },
    level: 'low',
  },
];

const written = (file: string): string => {
  const format = traceFormat(formatOfFile(file));
  return format.head + EVENTS.map((event) => format.format(event)).join('') + format.tail;
};

test('text, and a JSON object a line', () => {
  assert.equal(
    written('trace.txt'),
    '   0.000000000 linux vCPU 0: starts pc=0x80000\n' +
      '   0.000001000 linux vCPU 0: runs instructions=2500 2.500 us\n' +
      '   0.000002000 board interrupt lines: INTID 33 high intid=33\n' +
      '   0.000002100 board interrupt lines: INTID 33 low intid=33\n',
  );
  const lines = written('trace.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines[1], {
    timeNs: 1000,
    kind: 'turn',
    process: 'linux',
    thread: 'vCPU 0',
    name: 'runs',
    durationNs: 2500,
    instructions: 2500,
  });
});

test("Chrome's format: processes and threads are named, what lasts is complete, lines are async", () => {
  const { traceEvents, displayTimeUnit } = JSON.parse(written('trace.json'));
  assert.equal(displayTimeUnit, 'ns');
  assert.deepEqual(
    traceEvents.map(({ ph, name, pid, tid }: Record<string, unknown>) => [ph, name, pid, tid]),
    [
      ['M', 'process_name', 1, 0],
      ['M', 'thread_name', 1, 1],
      ['i', 'starts', 1, 1],
      ['X', 'runs', 1, 1],
      ['M', 'process_name', 2, 0],
      ['M', 'thread_name', 2, 1],
      ['b', 'INTID 33', 2, 1],
      ['e', 'INTID 33', 2, 1],
    ],
  );
  assert.deepEqual([traceEvents[3].ts, traceEvents[3].dur], [1, 2.5]);
  assert.equal(traceEvents[6].id, traceEvents[7].id);
});

test('names of system calls', () => {
  assert.deepEqual([0, 56, 63, 64, 93, 221, 222, 435, 9999].map(systemCallName), [
    'io_setup',
    'openat',
    'read',
    'write',
    'exit',
    'execve',
    'mmap',
    'clone3',
    'syscall_9999',
  ]);
});
