/**
 * Pictures as people see them: of every example with shared and served devices, planned anew, and of a large system, in headless Chromium. Its own fonts measure
 * the texts: none lies over another. xmllint reads the documents, axe-core the page. Without Chromium only the former.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launch } from 'puppeteer-core';
import { drivervm } from './support/command.ts';
import { exampleWorkplace } from './support/example-projects.ts';
import { filesUnder } from './support/files.ts';
import { manyDomains } from './support/many-domains.ts';
import { runOracle } from './support/oracles.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'].find(existsSync);
const place = await exampleWorkplace();
after(() => rmSync(place, { recursive: true }));

/** A description with what is known beside it, and where its pictures go. */
interface Drawn {
  readonly name: string;
  readonly system: string;
  readonly svg: string;
  readonly html: string;
}

async function drawn(name: string, system: string, ...options: readonly string[]): Promise<Drawn> {
  const [svg, html] = [join(place, `${name}.svg`), join(place, `${name}.html`)];
  const { out } = await drivervm(['explain', system, ...options, '--svg', svg, '--html', html]);
  assert.equal(out, `wrote ${svg}\nwrote ${html}\n`);
  return { name, system, svg, html };
}

/** Plans the requests below `examples/shared` and `examples/served`, and draws what comes of each for seL4. */
async function plannedSystems(): Promise<readonly Drawn[]> {
  const result: Drawn[] = [];
  const virt = join(place, 'examples', 'qemu_virt_aarch64', 'virt.dtb');
  for (const group of ['shared', 'served']) {
    for (const request of readdirSync(join(place, 'examples', group))) {
      const directory = join(place, 'examples', group, request);
      cpSync(virt, join(directory, 'virt.dtb'));
      for (const disk of ['disk.img', 'card.img'])
        writeFileSync(join(directory, disk), new Uint8Array(1 << 20));
      const project = join(directory, 'project');
      await drivervm(['plan', join(directory, 'request.yaml'), '-o', project]);
      const plan = join(project, 'plan.json');
      const { board } = JSON.parse(readFileSync(plan, 'utf8')) as { board: { dtbPath: string } };
      const [system] = filesUnder(project).filter((file) => /(?<!\.run)\.system$/.test(file));
      assert.ok(system);
      result.push(
        await drawn(`${group}-${request}`, system, '--dtb', join(project, board.dtbPath), '--plan', plan),
      );
    }
  }
  return result;
}

const systems: Drawn[] = [];
test('explain draws every example that shares or serves devices, and a system of 30 domains', async () => {
  const large = join(place, 'large.system');
  writeFileSync(large, manyDomains(30));
  systems.push(...(await plannedSystems()), await drawn('large', large));
  assert.ok(systems.length >= 8);
  for (const { svg, html } of systems) {
    const { status, stderr } = runOracle('xmllint', ['--noout', svg]);
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(readFileSync(html, 'utf8'), /<script|https?:\/\/(?!www\.w3\.org)/);
  }
});

test('a picture goes to standard output, one at a time; diff draws what changed', async () => {
  const [first, second] = [systems[0], systems.at(-1)];
  assert.ok(first && second);
  const { out } = await drivervm(['explain', first.system, '--svg', '-']);
  assert.match(out, /^<svg /);
  const both = await drivervm(['explain', first.system, '--svg', '-', '--html', '-'], { status: 2 });
  assert.match(both.out, /one thing at a time/);
  const file = join(place, 'diff.svg');
  const compared = await drivervm(['diff', first.system, second.system, '--svg', file], { status: 1 });
  assert.equal(compared.out, `wrote ${file}\n`);
  assert.equal(runOracle('xmllint', ['--noout', file]).status, 0);
  assert.match(readFileSync(file, 'utf8'), /− removed/);
});

/** Run in the page, where there are types of its own: pairs of texts that overlap by more than a pixel, and texts that leave the picture or their box. */
const MISPLACED = `(() => {
  const root = document.querySelector('svg').getBoundingClientRect();
  const texts = [...document.querySelectorAll('svg text')]
    .map((element) => ({ text: element.textContent, rect: element.getBoundingClientRect() }))
    .sort((a, b) => a.rect.top - b.rect.top);
  const wrong = [];
  for (const [index, a] of texts.entries()) {
    if (a.rect.right > root.right + 1 || a.rect.bottom > root.bottom + 1) wrong.push('outside: ' + a.text);
    for (const b of texts.slice(index + 1)) {
      if (b.rect.top > a.rect.bottom) break;
      const width = Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left);
      const height = Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top);
      if (width > 1 && height > 2) wrong.push(a.text + ' | ' + b.text);
    }
  }
  for (const group of document.querySelectorAll('[data-box]')) {
    const { right } = group.querySelector('rect').getBoundingClientRect();
    for (const text of group.querySelectorAll('text'))
      if (text.getBoundingClientRect().right > right) wrong.push('wider than its box: ' + text.textContent);
  }
  return wrong;
})()`;

const AXE = `axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => impact + ' ' + id + ': ' + nodes[0].html))`;

test('in Chromium no text lies over another or leaves its box, and axe-core finds nothing serious', async (context) => {
  if (CHROMIUM === undefined) {
    context.skip('Chromium is not here');
    return;
  }
  const profile = mkdtempSync(join(place, 'profile-'));
  const browser = await launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], userDataDir: profile });
  try {
    const page = await browser.newPage();
    for (const { name, svg } of systems) {
      await page.goto(pathToFileURL(svg).href);
      assert.deepEqual(await page.evaluate(MISPLACED), [], name);
    }
    const axe = createRequire(import.meta.url).resolve('axe-core');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.goto(pathToFileURL(systems[0]?.html ?? '').href);
      await page.addScriptTag({ path: axe });
      assert.deepEqual(await page.evaluate(AXE), [], scheme);
    }
  } finally {
    await browser.close();
  }
});
