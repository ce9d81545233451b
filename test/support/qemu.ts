/** A guest under QEMU's system emulation whose serial console a test talks to. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface QemuGuest {
  /** Everything that the console said so far. */
  readonly console: () => string;
  /** Resolves once the console has said `text` after what earlier calls awaited; rejects at the deadline or the guest's end. */
  waitFor(text: string): Promise<void>;
  type(text: string): void;
  /** Resolves with QEMU's exit status. */
  readonly ended: Promise<number>;
  kill(): void;
}

export interface QemuOptions {
  readonly kernel: string;
  readonly initrd: string;
  readonly append?: string;
  readonly memoryMib?: number;
  readonly extra?: readonly string[];
  /** After this long the guest is killed, and whatever awaits it fails. */
  readonly deadlineMs?: number;
}

/** Starts `qemu-system-aarch64 -M virt -cpu cortex-a53`; a reboot of the guest ends it, as poweroff does. */
export function startQemu(options: QemuOptions): QemuGuest {
  const child: ChildProcess = spawn(
    'qemu-system-aarch64',
    [
      ...[
        '-M',
        'virt',
        '-cpu',
        'cortex-a53',
        '-m',
        `${options.memoryMib ?? 512}`,
        '-nographic',
        '-no-reboot',
      ],
      ...['-nic', 'none', '-kernel', options.kernel, '-initrd', options.initrd],
      ...['-append', options.append ?? 'console=ttyAMA0 cryptomgr.notests quiet'],
      ...(options.extra ?? []),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let [said, awaitedTo, hasEnded] = ['', 0, false];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
    wake();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? 240_000);
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', () =>
      reject(new Error('qemu-system-aarch64 can\'t be run; "npm run oracles" installs it')),
    );
    child.on('close', (status) => {
      clearTimeout(deadline);
      hasEnded = true;
      wake();
      resolve(status ?? -1);
    });
  });
  const waitFor = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const at = said.indexOf(text, awaitedTo);
        if (at < 0 && !hasEnded) return;
        waiting.delete(check);
        awaitedTo = at + text.length;
        if (at >= 0) resolve();
        else reject(new Error(`the guest ended before it said "${text}":\n${said}`));
      };
      waiting.add(check);
      check();
    });
  return {
    console: () => said,
    waitFor,
    type: (text) => void child.stdin?.write(text),
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}
