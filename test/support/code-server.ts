/** VS Code as code-server serves it to a browser, with an extension installed, on a directory of a test's; nothing of it is left behind. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';

/** Longer than anything takes on a busy machine: what never comes ends the test. */
const NEVER_MS = 2 * 60 * 1000;
const POLL_MS = 200;
/** What of it would ask or reach out. */
const QUIET = [
  '--auth',
  'none',
  '--disable-telemetry',
  '--disable-update-check',
  '--disable-workspace-trust',
];

export class CodeServer {
  readonly #settings: string;
  readonly #process: ChildProcess;
  readonly url: string;

  private constructor(process: ChildProcess, settings: string, url: string) {
    this.#process = process;
    this.#settings = settings;
    this.url = url;
  }

  /** Serves the folder; what the server keeps goes beside it. */
  static async start(command: string, place: string, folder: string, extension: string): Promise<CodeServer> {
    const config = join(place, 'config.yaml');
    writeFileSync(config, '');
    mkdirSync(join(place, 'data', 'User'), { recursive: true });
    const directories = [
      '--user-data-dir',
      join(place, 'data'),
      '--extensions-dir',
      join(place, 'extensions'),
    ];
    const common = ['--config', config, ...directories];
    execFileSync(command, [...common, '--install-extension', extension], { stdio: 'pipe' });
    const port = await freePort();
    const child = spawn(command, [...common, ...QUIET, '--bind-addr', `127.0.0.1:${port}`], {
      stdio: 'ignore',
    });
    const url = `http://127.0.0.1:${port}/`;
    await answering(url);
    const settings = join(place, 'data', 'User', 'settings.json');
    return new CodeServer(child, settings, `${url}?folder=${encodeURIComponent(folder)}`);
  }

  /** Writes the user's settings, which count in windows that are opened from now on. */
  set(settings: Readonly<Record<string, unknown>>): void {
    writeFileSync(this.#settings, JSON.stringify({ 'workbench.startupEditor': 'none', ...settings }));
  }

  stop(): void {
    this.#process.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(url: string): Promise<void> {
  for (const end = Date.now() + NEVER_MS; Date.now() < end; ) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  throw new Error(`nobody answers at ${url}`);
}

/** VS Code's window, as a person sees it. */
export class CodeWindow {
  readonly #page: Page;

  constructor(page: Page) {
    page.setDefaultTimeout(NEVER_MS);
    this.#page = page;
  }

  /** Opens a file of the folder from the explorer, to stay. */
  async open(name: string): Promise<void> {
    await this.#page.locator(`.explorer-folders-view [aria-label^="${name}"]`).click({ count: 2 });
    await this.#page.waitForSelector(`.tabs-container [data-resource-name="${name}"]`);
  }

  /** Shows the list of all findings. */
  async showProblems(): Promise<void> {
    await this.#page.keyboard.down('Control');
    await this.#page.keyboard.down('Shift');
    await this.#page.keyboard.press('KeyM');
    await this.#page.keyboard.up('Shift');
    await this.#page.keyboard.up('Control');
    await this.#page.waitForSelector('.markers-panel');
  }

  /** Waits until a part of the window says something. */
  async see(selector: string, text: string): Promise<void> {
    const parts = `[...document.querySelectorAll(${JSON.stringify(selector)})]`;
    const found = `${parts}.some((part) => part.textContent.includes(${JSON.stringify(text)}))`;
    await this.#page.waitForFunction(found);
  }
}
