/**
 * The workbench's pictures in Debian's Chromium and Firefox: the board's tree searched and walked by keyboard, memory from all of it to single
 * pages and from a region to where it is written, interrupts, the system and what changed in it; a description of 300 regions, and how long
 * a turn of the wheel takes with it. `npm run pictures` takes the documentation's pictures on the way.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { debianBoards } from './support/debian.ts';
import {
  BROWSERS,
  isInstalled,
  type Site,
  servedSite,
  startBrowser,
  Workbench,
} from './support/workbench.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-views-'));
let site: Site;
before(async () => {
  site = await servedSite();
});
after(() => {
  site.close();
  rmSync(directory, { recursive: true });
});

for (const kind of BROWSERS) {
  test(`${kind.name}: board, memory, interrupts and system of a planned driver VM, by keyboard`, async (t) => {
    if (!isInstalled(kind)) return t.skip(`${kind.path} is not there: npm run oracles installs it`);
    const browser = await startBrowser(kind);
    try {
      await walkThrough(await Workbench.open(browser, site.url), kind.browser === 'chrome');
    } finally {
      await browser.close();
    }
  });
}

async function walkThrough(workbench: Workbench, isPictured: boolean): Promise<void> {
  const { page } = workbench;
  const picture = async (name: string): Promise<void> => {
    if (!isPictured) return;
    await workbench.picture(name);
    await workbench.picture(`${name}-phone`, { isPhone: true });
    await workbench.picture(`${name}-dark`, { isDark: true });
  };
  await workbench.see('.boards li', 'Allwinner');
  await page.locator('input[type="search"]').fill('odroid-c4');
  await page.locator('.boards li button').click();
  await workbench.see('.file-names', 'odroidc4.system');

  await workbench.goTo('Board');
  // By an address in its registers.
  await page.locator('input[type="search"]').fill('0xff3f0040');
  await workbench.see('.node-list', '/soc/ethernet@ff3f0000');
  await page.focus('.node-list');
  await page.keyboard.press('ArrowDown');
  await workbench.see('.node', 'INTID 40 (SPI 8), level');
  await workbench.see('.node', 'given to linux: asked for by "all"');
  await workbench.see('.references', 'clock-controller');
  await clearSearch(workbench);
  await workbench.isAccessible();
  await picture('board');

  await workbench.goTo('Memory');
  await page.focus('.map');
  const before = await workbench.textOf('.map svg');
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('+');
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await workbench.textOf('.map svg'), before);
  await workbench.press('button', '0xffd00000 bus_ffd00000 1 MiB');
  await workbench.see('.details', 'on one page with watchdog@f0d0');
  await workbench.isAccessible();
  await picture('memory');
  await page.locator('.details .links a').click();
  await workbench.see('.text .meant', 'bus_ffd00000');

  await workbench.goTo('Interrupts');
  await workbench.see('.interrupts-view [data-gauge="VMM"]', '31 of 62');
  await page.locator('input[type="search"]').fill('ethernet@ff3f0000');
  await workbench.see('.interrupts-view [role="status"]', '1 of 31');
  await workbench.isAccessible();
  await clearSearch(workbench);
  await picture('interrupts');

  await workbench.goTo('Request and files');
  await workbench.write(await withoutEthernet(workbench));
  // Without a wait for what comes of it: what was typed counts in every view.
  await workbench.goTo('System');
  await workbench.see('.system-view svg', 'virtual machine, 1 vCPU');
  await workbench.isAccessible();
  await workbench.press('button', 'Changes');
  await workbench.see('.system-view svg', '− ethernet_ff3f0000');
  await picture('system');
  await workbench.press('button', 'Who may do what');
  await workbench.see('.system-view pre', 'Who may touch which memory');

  await workbench.goTo('Request and files');
  await workbench.see('.cm-line', 'board:');
  await workbench.write('guests: [linux]\n');
  await workbench.goTo('Memory');
  await workbench.see('main', 'Memory is drawn once request.yaml has no errors');
  await workbench.isAccessible();
  assert.deepEqual(workbench.errors, []);
}

/** As a person does it; an empty text that a script fills in tells the page nothing. */
async function clearSearch({ page }: Workbench): Promise<void> {
  await page.focus('input[type="search"]');
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.press('Delete');
}

async function withoutEthernet(workbench: Workbench): Promise<string> {
  await workbench.see('.cm-line', 'board:');
  const text = `${await workbench.page.evaluate("[...document.querySelectorAll('.cm-line')].map((each) => each.textContent).join('\\n')")}`;
  return `${text.trimEnd()}\nexcept: [ethernet@ff3f0000]\n`;
}

/** How many regions and how many turns of the wheel. */
const REGIONS = 300;
const TURNS = 120;

test('Chromium: a map of 300 regions and a tree of hundreds of nodes are drawn soon after each turn of the wheel', async (t) => {
  const [chromium] = BROWSERS;
  if (!isInstalled(chromium)) return t.skip(`${chromium.path} is not there: npm run oracles installs it`);
  const tree = [...(await debianBoards())].find(([name]) => name.endsWith('meson-sm1-odroid-c4.dtb'))?.[1];
  assert.ok(tree);
  const system = join(directory, 'many.system');
  const numbers = Array.from({ length: REGIONS }, (_, index) => index);
  const regions = numbers.map(
    (index) =>
      `<memory_region name="r${index}" size="0x1000" phys_addr="0x${(0xff40_0000 + index * 0x2000).toString(16)}" />`,
  );
  const maps = numbers.map(
    (index) =>
      `<map mr="r${index}" vaddr="0x${(0x2000_0000 + index * 0x1000).toString(16)}" perms="rw" cached="false" />`,
  );
  writeFileSync(
    system,
    `<system>\n${regions.join('\n')}\n<protection_domain name="all"><program_image path="a.elf" />\n${maps.join('\n')}\n</protection_domain>\n</system>\n`,
  );
  const browser = await startBrowser(chromium);
  try {
    const workbench = await Workbench.open(browser, site.url);
    const input = await workbench.page.waitForSelector('input[type="file"]');
    assert.ok(input);
    await (input as unknown as { uploadFile(...paths: readonly string[]): Promise<void> }).uploadFile(
      system,
      tree,
    );
    await workbench.see('.file-names', 'many.system');
    await workbench.goTo('Memory');
    await workbench.press('button', '0xff400000 r0 4 KiB');
    const medianMs = Number(await workbench.page.evaluate(TURN_WHEEL));
    t.diagnostic(
      `${REGIONS} regions: ${medianMs.toFixed(1)} ms of script for a turn of the wheel (median of ${TURNS})`,
    );
    await workbench.goTo('Board');
    const scrollMs = Number(await workbench.page.evaluate(SCROLL));
    t.diagnostic(`the tree: ${scrollMs.toFixed(1)} ms of script for a step of scrolling`);
    const rows = Number(await workbench.page.evaluate("document.querySelectorAll('.node-list .row').length"));
    assert.ok(rows > 10 && rows < 80, `${rows} rows are there`);
    assert.deepEqual(workbench.errors, []);
  } finally {
    await browser.close();
  }
});

/** From an event to the end of the microtasks in which the view is drawn anew; out and in again, so that all regions pass. */
const TURN_WHEEL = `(async () => {
  const map = document.querySelector('.map');
  const times = [];
  for (let turn = 0; turn < ${TURNS}; turn += 1) {
    const start = performance.now();
    map.dispatchEvent(new WheelEvent('wheel', { deltaY: turn < ${TURNS / 2} ? 60 : -60, clientY: 300, bubbles: true, cancelable: true }));
    await Promise.resolve();
    map.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return times.sort((a, b) => a - b)[times.length / 2];
})()`;

const SCROLL = `(async () => {
  const list = document.querySelector('.node-list');
  const times = [];
  for (let step = 1; step <= ${TURNS}; step += 1) {
    const start = performance.now();
    list.scrollTop = step * 97;
    list.dispatchEvent(new Event('scroll'));
    await Promise.resolve();
    list.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return times.sort((a, b) => a - b)[times.length / 2];
})()`;
