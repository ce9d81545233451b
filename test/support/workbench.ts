/** The workbench in a headless browser: its site built and served with a payload, a page in it, and what a person does there. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { payloadIndex } from '../../web/server/payload.ts';
import { serve } from '../../web/server/serve.ts';
import { buildSite } from '../../web/server/site.ts';
import { drivervm } from './command.ts';
import { PROJECT_ROOT } from './files.ts';

/** Browsers of the distribution, by how they are driven. */
export const BROWSERS = [
  { name: 'Chromium', browser: 'chrome', path: '/usr/bin/chromium' },
  { name: 'Firefox', browser: 'firefox', path: '/usr/bin/firefox-esr' },
] as const;

export type BrowserKind = (typeof BROWSERS)[number];

export function isInstalled({ path }: BrowserKind): boolean {
  return existsSync(path);
}

const BELOW = '/some/where/';
const WINDOW = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 800 };
/** Longer than anything takes on a busy machine: what never comes ends the test. */
const NEVER_MS = 5 * 60 * 1000;
/** How much of a page's text an error has. */
const SHOWN_MAX = 2000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The site, served with Debian's payload beside it. */
export interface Site {
  readonly url: string;
  /** From now on nobody answers. */
  stop(): void;
  close(): void;
}

/** Builds and serves it; what it needs is made in a directory of its own. */
export async function servedSite(): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-workbench-'));
  const [site, payload] = [join(directory, 'site'), join(directory, 'payload')];
  await drivervm(['payload', 'debian', '-o', payload]);
  await buildSite(PROJECT_ROOT, site);
  const index = JSON.stringify(payloadIndex(payload));
  const served = await serve(
    {
      // Not at the root: it must be at home anywhere.
      directories: [
        [BELOW, site],
        [`${BELOW}payload/`, payload],
      ],
      texts: new Map([[`${BELOW}payload/index.json`, () => index]]),
    },
    0,
  );
  return {
    url: new URL(BELOW, served.url).href,
    stop: served.close,
    close: () => {
      served.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function startBrowser({ browser, path }: BrowserKind): Promise<Browser> {
  return launch({
    browser,
    executablePath: path,
    headless: true,
    defaultViewport: WINDOW,
    protocolTimeout: NEVER_MS,
    args:
      browser === 'chrome'
        ? ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-lcd-text']
        : [],
  });
}

/** A page of the workbench, and its person. */
export class Workbench {
  readonly page: Page;
  /** What the page's own scripts threw. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.setDefaultTimeout(NEVER_MS);
  }

  static async open(browser: Browser, url: string): Promise<Workbench> {
    const workbench = new Workbench(await browser.newPage());
    await workbench.page.goto(url);
    return workbench;
  }

  /** Presses what has this role and name. */
  async press(role: string, name: string): Promise<void> {
    const clicked = this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`).click();
    await this.#named(`to press the ${role} "${name}"`, clicked);
  }

  async goTo(view: string): Promise<void> {
    await this.press('link', view);
    await this.see('nav a[aria-current="page"]', view);
  }

  /** Waits until an element that the selector finds has the text in it. */
  async see(selector: string, text: string): Promise<void> {
    const seen = this.page.waitForFunction(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].some((each) => each.textContent.includes(${JSON.stringify(text)}))`,
      { timeout: NEVER_MS },
    );
    await this.#named(`to see "${text}" in ${selector}`, seen);
  }

  /** The library's own error says neither what was waited for nor what the page had instead. */
  async #named(what: string, waiting: Promise<unknown>): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      const shown = `${await this.textOf('main')} ${await this.textOf('footer')}`.slice(0, SHOWN_MAX);
      throw new Error(`waited ${what}: ${error}; there was: ${shown}; thrown: ${this.errors.join('; ')}`);
    }
  }

  async textOf(selector: string): Promise<string> {
    return `${await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`)}`;
  }

  /** Writes a text in place of what the editor has, as if it was pasted. */
  async write(text: string): Promise<void> {
    await this.page.locator('.cm-content').click();
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('a');
    await this.page.keyboard.up('Control');
    await this.page.evaluate(`document.execCommand('insertText', false, ${JSON.stringify(text)})`);
  }

  /** Types on the console that is shown. */
  async type(text: string): Promise<void> {
    await this.page.focus('.xterm-helper-textarea');
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  /** Fails where axe-core finds what keeps people out. */
  async isAccessible(): Promise<void> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')))`,
    );
    assert.deepEqual(found, []);
  }

  /** A picture of the page for the documentation, where it is asked for. */
  async picture(name: string, { isPhone = false, isDark = false } = {}): Promise<void> {
    const directory = process.env['DRIVERVM_PICTURES'];
    if (directory === undefined) return;
    mkdirSync(join(PROJECT_ROOT, directory), { recursive: true });
    await this.page.setViewport(isPhone ? PHONE : WINDOW);
    await this.page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' },
    ]);
    // Until what follows the window's size has done so.
    await this.page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    await this.page.screenshot({
      path: join(PROJECT_ROOT, directory, `${name}.png`),
      optimizeForSpeed: false,
    });
    await this.page.setViewport(WINDOW);
    await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  }
}
