import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink, Refusal } from '../base/index.ts';
import { openShares, parseShare } from './shares.ts';

test('what --share says', () => {
  assert.deepEqual(parseShare('work=/a:b'), { name: 'work', path: '/a:b', isReadOnly: false });
  assert.deepEqual(parseShare('work=a=b:ro'), { name: 'work', path: 'a=b', isReadOnly: true });
  assert.deepEqual(parseShare('linux:my.work-1=.'), {
    vm: 'linux',
    name: 'my.work-1',
    path: '.',
    isReadOnly: false,
  });
  for (const wrong of ['', 'work', 'work=', '=dir', '.hidden=dir', 'a/b=dir', 'work=:ro', ':work=dir'])
    assert.throws(() => parseShare(wrong), Refusal, wrong);
});

test('where the system has no way to keep a guest within a directory, that is said', () => {
  const sink = new DiagnosticSink();
  assert.deepEqual(openShares({}, ['work=.'], ['linux'], sink), []);
  assert.match(sink.sorted()[0]?.message ?? '', /--share work=\.: directories are shared on Linux only/);
});
