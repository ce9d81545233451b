/** The {@link Host} of the command line: Node's files, processes and terminal. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type {
  FileStatus,
  Host,
  HostFiles,
  HostProcesses,
  ProcessOptions,
  ProcessOutcome,
  RandomAccessFile,
  RandomAccessWriter,
  UpdatableFile,
} from '../base/index.ts';
import { attemptAt, hostError } from './host-errors.ts';
import { listen } from './listen.ts';
import { withLock } from './lock.ts';
import { nodeNetwork } from './network.ts';
import { nameFromBytes, systemPath } from './paths.ts';
import { pause } from './pause.ts';
import { canShareDirectories, shareDirectory } from './shared-directory.ts';
import { catchSignals } from './signals.ts';
import { readAny, readStdin } from './stream.ts';
import { nodeTerminal } from './terminal.ts';

function kindOf(stats: fs.Stats): FileStatus['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function openFile(filePath: string): RandomAccessFile {
  return reading(
    filePath,
    attemptAt(filePath, () => fs.openSync(systemPath(filePath), 'r')),
  );
}

function openForUpdate(filePath: string): UpdatableFile {
  const descriptor = attemptAt(filePath, () => fs.openSync(systemPath(filePath), 'r+'));
  return {
    ...reading(filePath, descriptor),
    write: (offsetBytes, content) => writeAll(filePath, descriptor, offsetBytes, content),
    sync: () => attemptAt(filePath, () => fs.fdatasyncSync(descriptor)),
  };
}

function writeAll(filePath: string, descriptor: number, offsetBytes: number, content: Uint8Array): void {
  let written = 0;
  while (written < content.length) {
    const position = offsetBytes + written;
    written += attemptAt(filePath, () =>
      fs.writeSync(descriptor, content, written, content.length - written, position),
    );
  }
}

function reading(filePath: string, descriptor: number): RandomAccessFile {
  const sizeBytes = attemptAt(filePath, () => fs.fstatSync(descriptor).size);
  return {
    path: filePath,
    sizeBytes,
    read(offsetBytes, wantedBytes) {
      const buffer = new Uint8Array(Math.max(0, Math.min(wantedBytes, sizeBytes - offsetBytes)));
      let filled = 0;
      while (filled < buffer.length) {
        const position = offsetBytes + filled;
        const count = attemptAt(filePath, () =>
          fs.readSync(descriptor, buffer, filled, buffer.length - filled, position),
        );
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    },
    close: () => fs.closeSync(descriptor),
  };
}

function writeAtomically(filePath: string, content: Uint8Array | string): void {
  const beside = path.join(path.dirname(filePath), `.${path.basename(filePath)}.${process.pid}.tmp`);
  try {
    fs.writeFileSync(beside, content);
    fs.renameSync(beside, filePath);
  } catch (error) {
    fs.rmSync(beside, { force: true });
    throw hostError(filePath, error);
  }
}

function createFile(filePath: string): RandomAccessWriter {
  const descriptor = attemptAt(filePath, () => fs.openSync(filePath, 'wx'));
  return {
    path: filePath,
    write: (offsetBytes, content) => writeAll(filePath, descriptor, offsetBytes, content),
    finish(sizeBytes) {
      try {
        attemptAt(filePath, () => fs.ftruncateSync(descriptor, sizeBytes));
      } finally {
        fs.closeSync(descriptor);
      }
    },
  };
}

const files: HostFiles = {
  status(filePath, options) {
    const stat = options?.followSymlinks === false ? fs.lstatSync : fs.statSync;
    const stats = attemptAt(filePath, () => stat(systemPath(filePath), { throwIfNoEntry: false }));
    if (stats === undefined) return undefined;
    return { kind: kindOf(stats), sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
  },
  read: (filePath) =>
    attemptAt(filePath, () => (filePath === '-' ? readStdin() : readAny(systemPath(filePath)))),
  open: openFile,
  openForUpdate,
  list: (filePath) =>
    attemptAt(filePath, () =>
      fs.readdirSync(systemPath(filePath), { encoding: 'buffer' }).map(nameFromBytes).sort(),
    ),
  readLink: (filePath) =>
    attemptAt(filePath, () => nameFromBytes(fs.readlinkSync(systemPath(filePath), { encoding: 'buffer' }))),
  makeDirectory: (filePath) => void attemptAt(filePath, () => fs.mkdirSync(filePath, { recursive: true })),
  writeAtomically,
  create: createFile,
  rename: (from, to) => attemptAt(to, () => fs.renameSync(from, to)),
  makeTemporaryDirectory: (prefix) => attemptAt(prefix, () => fs.mkdtempSync(prefix)),
  withLock,
  remove: (filePath) => attemptAt(filePath, () => fs.rmSync(filePath, { recursive: true, force: true })),
  join: path.join,
  relative: (directory, filePath) => path.relative(path.resolve(directory), path.resolve(filePath)),
  dirname: path.dirname,
  basename: (filePath) => path.basename(filePath),
};

function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Uint8Array[] = [];
    const stderr: Uint8Array[] = [];
    child.stdout?.on('data', options.onStdout ?? ((chunk: Uint8Array) => stdout.push(chunk)));
    child.stderr?.on('data', options.onStderr ?? ((chunk: Uint8Array) => stderr.push(chunk)));
    child.on('error', (error) => reject(hostError(command, error)));
    child.on('close', (status) =>
      resolve({ status: status ?? undefined, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    );
    // A child that ends before it has read everything closes the pipe; its exit status tells the story.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin);
  });
}

const processes: HostProcesses = { run: runProcess };

let isProgressShown = false;

/** Shows `text` on the terminal's last line, in place of the one before; an empty text takes it away. */
function progress(text: string): void {
  if (!process.stderr.isTTY || (text === '' && !isProgressShown)) return;
  isProgressShown = text !== '';
  const columns = process.stderr.columns ?? 80;
  process.stderr.write(`\r\x1b[K${text.slice(0, columns - 1)}`);
}

const requireFrom = (from: string): NodeJS.Require => createRequire(pathToFileURL(path.resolve(from)));

/** Node as a host: the process's files, terminal, signals and modules. */
export function nodeHost(): Host {
  const cacheHome = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return {
    files,
    processes,
    cacheDirectory: path.join(cacheHome, 'drivervm'),
    terminal: nodeTerminal(() => process.stdin),
    nowMs: () => performance.now(),
    pause,
    catchSignals,
    listen,
    network: nodeNetwork,
    ...(canShareDirectories() ? { shareDirectory } : {}),
    modules: {
      compile: (code, parameters, filename) => {
        const body = compileFunction(code, parameters, { filename });
        return (...args) => body(...args);
      },
      require: (specifier, from) => requireFrom(from)(specifier),
      resolve: (specifier, from) => attemptAt(specifier, () => requireFrom(from).resolve(specifier)),
      // This module's directory is one of theirs, and so is the bundled command's.
      rooms: path.dirname(path.dirname(fileURLToPath(import.meta.url))),
    },
    progress,
  };
}
