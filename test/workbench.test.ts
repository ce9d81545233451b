/**
 * The workbench in Debian's Chromium and Firefox, as a person uses it: a board is opened, its request changed, a mistake found and mended,
 * the driver VM booted to a shell and typed to. axe-core looks at every view. `npm run pictures` takes the documentation's pictures on the
 * way. Without a browser a test says so.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'puppeteer-core';
import {
  BROWSERS,
  isInstalled,
  type Site,
  servedSite,
  startBrowser,
  Workbench,
} from './support/workbench.ts';

/** The guest has no UART, and its kernel is told to write to it: what a wrong command line or a forgotten device comes to. */
const FAULTY = `board: { dtb: payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb, microkit: odroidc4 }
kernel: payload/Image
initrd: payload/initrd.cpio
pass: none
bootargs: earlycon=meson,0xff803000 cryptomgr.notests
`;
const SHELL = 'built-in shell';

test('once visited, it is there without a network: Chromium, Firefox', async (t) => {
  for (const kind of BROWSERS.filter(isInstalled)) {
    const visited = await servedSite();
    const browser = await startBrowser(kind);
    try {
      const workbench = await Workbench.open(browser, visited.url);
      await workbench.page.locator('input[type="search"]').fill('odroid-c4');
      await workbench.page.locator('.boards li button').click();
      await workbench.see('.file-names', 'odroidc4.system');
      await workbench.page.waitForFunction('navigator.serviceWorker.controller !== null');
      visited.stop();
      await workbench.page.goto(`${visited.url}?again`);
      await workbench.page.locator('input[type="search"]').fill('odroid-c4');
      await workbench.page.locator('.boards li button').click();
      await workbench.see('.file-names', 'odroidc4.system');
    } finally {
      await browser.close();
      visited.close();
    }
  }
  if (!BROWSERS.some(isInstalled)) t.skip('there is no browser here: npm run oracles installs them');
});

let site: Site;
before(async () => {
  site = await servedSite();
});
after(() => site.close());

for (const kind of BROWSERS) {
  const isPictured = kind.browser === 'chrome';

  test(`${kind.name}: open a board, change its request, find a fault and mend it, boot to a shell`, async (t) => {
    if (!isInstalled(kind)) return t.skip(`${kind.path} is not there: npm run oracles installs it`);
    const browser = await startBrowser(kind);
    try {
      await walkThrough(await Workbench.open(browser, site.url), isPictured);
    } finally {
      await browser.close();
    }
  });

  test(`${kind.name}: a first visit boots by one click; the run is paused, stepped, saved and reset`, async (t) => {
    if (!isInstalled(kind)) return t.skip(`${kind.path} is not there: npm run oracles installs it`);
    const browser = await startBrowser(kind);
    try {
      await firstVisit(browser, isPictured);
    } finally {
      await browser.close();
    }
  });
}

async function walkThrough(workbench: Workbench, isPictured: boolean): Promise<void> {
  const { page } = workbench;
  await workbench.see('.boards li', 'Allwinner');
  await workbench.isAccessible();
  if (isPictured) {
    await workbench.picture('open');
    await workbench.picture('open-phone', { isPhone: true });
  }
  await page.locator('input[type="search"]').fill('odroid-c4');
  await page.locator('.boards li button').click();
  await workbench.see('.file-names', 'odroidc4.system');
  await workbench.isAccessible();

  await workbench.write('board: payload\nvc');
  await page.keyboard.press('End');
  await page.keyboard.type('p');
  await workbench.see('.cm-tooltip-autocomplete', 'vcpus');
  await page.keyboard.press('Escape');
  await workbench.write(FAULTY.replace('pass:', 'pas:'));
  await workbench.see('.findings', 'request/unknown-key');
  assert.match(await workbench.textOf('.findings'), /request\.yaml:4:1/);
  await workbench.write(FAULTY);
  await workbench.see('.findings', 'plan/no-console');
  await workbench.see('.file-names', '+');
  await workbench.isAccessible();
  if (isPictured) {
    await workbench.picture('request');
    await workbench.picture('request-dark', { isDark: true });
  }

  await workbench.press('button', 'Boot');
  await workbench.see('.beside', 'run/unmapped-device');
  await workbench.see('.state', 'stopped in a fault');
  await workbench.isAccessible();
  if (isPictured) await workbench.picture('fault');
  await workbench.press('button', 'Change the request and boot again');
  await workbench.see('.xterm-rows', SHELL);
  await workbench.type('uname -m');
  await workbench.see('.xterm-rows', 'aarch64');
  await workbench.goTo('Request and files');
  await workbench.see('.cm-content', 'pass: [serial@3000]');
  await workbench.see('.findings', 'Nothing was found');

  await page.evaluate('navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }');
  await workbench.press('button', 'Copy link');
  await workbench.see('.session', 'copied');
  const again = await Workbench.open(page.browser(), `${await page.evaluate('copied')}`);
  await again.see('.cm-content', 'pass: [serial@3000]');
  assert.deepEqual(workbench.errors, []);
}

async function firstVisit(browser: Browser, isPictured: boolean): Promise<void> {
  const workbench = await Workbench.open(browser, site.url);
  const start = "Boot the Odroid C4's driver VM";
  await workbench.press('button', start);
  await workbench.see('.xterm-rows', SHELL);
  await workbench.type('echo "six times seven is $((6 * 7))"');
  await workbench.see('.xterm-rows', 'six times seven is 42');
  await workbench.see('.beside', 'serial@3000');
  await workbench.press('checkbox', 'for screen readers');
  await workbench.see('.xterm-accessibility', 'six times seven is 42');
  await workbench.isAccessible();
  await workbench.press('checkbox', 'for screen readers');
  if (isPictured) {
    await workbench.picture('run');
    await workbench.picture('run-dark', { isDark: true });
    await workbench.picture('run-phone', { isPhone: true });
  }
  await workbench.press('button', 'Pause');
  await workbench.see('.state', 'paused');
  const before = await workbench.textOf('.figures');
  await workbench.press('button', 'Step');
  await workbench.press('button', 'Go on');
  await workbench.page.waitForFunction(
    `document.querySelector('.figures').textContent !== ${JSON.stringify(before)}`,
  );
  await workbench.press('button', 'Reset');
  await workbench.see('.xterm-rows', SHELL);
  assert.deepEqual(workbench.errors, []);
}
