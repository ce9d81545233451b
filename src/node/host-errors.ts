/** What the system refuses, in the form that diagnostics are made of. */
import { HostError } from '../base/index.ts';

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'there is something else of that name',
  ENOSPC: 'no space left on the device',
  EROFS: 'read-only file system',
  ELOOP: 'too many levels of symbolic links',
  ERR_FS_FILE_TOO_LARGE: 'too large to read whole',
};

/** Runs a system call; its failure is a {@link HostError} of the path. */
export function attemptAt<T>(path: string | Buffer, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw hostError(String(path), error);
  }
}

export function hostError(path: string, error: unknown): HostError {
  const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
  return new HostError(code, path, SYSTEM_MESSAGES[code] ?? `${(error as Error).message}`);
}
