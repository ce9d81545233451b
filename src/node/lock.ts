/**
 * A lock between processes: a file that holds its owner's process id. Node has no flock(2); a file made with O_EXCL does,
 * and a dead owner is noticed by asking for its process.
 */
import * as fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 100;

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes the lock file with its content in one step, so that nobody reads it empty; false where there is one. */
function acquire(path: string): boolean {
  const own = `${path}.${process.pid}`;
  fs.writeFileSync(own, `${process.pid}\n`);
  try {
    fs.linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function removeIfAbandoned(path: string): void {
  let owner: number;
  try {
    owner = Number(fs.readFileSync(path, 'utf8'));
  } catch {
    return;
  }
  if (!isAlive(owner)) fs.rmSync(path, { force: true });
}

/** {@link HostFiles.withLock}. Calls of one process queue up too. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!acquire(path)) {
    removeIfAbandoned(path);
    await delay(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(path, { force: true });
  }
}
