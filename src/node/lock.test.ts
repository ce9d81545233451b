/** The lock between processes. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from './lock.ts';

test('one at a time; taken over from the dead; gone afterwards, also after a failure', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-lock-'));
  try {
    const path = join(directory, 'lock');
    // No process has this id: Linux's largest is 2^22 (proc(5), pid_max).
    writeFileSync(path, '2147483647\n');
    let inside = 0;
    const visit = (): Promise<number> =>
      withLock(path, async () => {
        inside += 1;
        assert.equal(inside, 1);
        await delay(10);
        inside -= 1;
        return 7;
      });
    assert.deepEqual(await Promise.all([visit(), visit(), visit()]), [7, 7, 7]);
    await assert.rejects(
      withLock(path, async () => {
        throw new Error('work failed');
      }),
      /work failed/,
    );
    assert.equal(existsSync(path), false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
