/**
 * The workbench in Debian's browsers: from its address to boards that can be chosen, from the click to the shell, and the speed of the guest's
 * processor beside Node's, for the same boot.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  BROWSERS,
  isInstalled,
  type Site,
  servedSite,
  startBrowser,
  Workbench,
} from '../test/support/workbench.ts';
import { drivervm, inDirectory, median, planGuests } from './machines.ts';

const ROUNDS = 3;
const SHELL = 'built-in shell';
const SHORT_BOOT = 'cryptomgr.notests';

interface Visit {
  readonly usableSeconds: number;
  readonly shellSeconds: number;
  readonly mips: number;
}

async function visit(kind: (typeof BROWSERS)[number], site: Site): Promise<Visit> {
  const browser = await startBrowser(kind);
  try {
    const startMs = performance.now();
    const workbench = await Workbench.open(browser, site.url);
    await workbench.see('.boards li', 'Allwinner');
    const usableMs = performance.now();
    await workbench.press('button', "Boot the Odroid C4's driver VM");
    await workbench.see('.xterm-rows', SHELL);
    const shellMs = performance.now();
    await workbench.press('button', 'Pause');
    await workbench.see('.state', 'paused');
    const said = await workbench.page.evaluate(`document.querySelector('.figures .mips').title`);
    const mips = Number.parseFloat(`${said}`);
    return { usableSeconds: (usableMs - startMs) / 1000, shellSeconds: (shellMs - usableMs) / 1000, mips };
  } finally {
    await browser.close();
  }
}

/** Millions of instructions in a second, of the same boot in Node. */
async function mipsInNode(place: string): Promise<number> {
  const { ours } = await planGuests(place, `earlycon ${SHORT_BOOT}`);
  const outcome = spawnSync(process.execPath, [...ours, '--until', SHELL, '--json'], { maxBuffer: 1 << 26 });
  return JSON.parse(outcome.stdout.toString()).account.mips;
}

await inDirectory('workbench', async (place) => {
  await drivervm('payload', 'debian', '-o', join(place, 'payload'));
  const site = await servedSite();
  try {
    for (const kind of BROWSERS.filter(isInstalled)) {
      const visits: Visit[] = [];
      const nodes: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        nodes.push(await mipsInNode(join(place, `node-${kind.name}-${round}`)));
        visits.push(await visit(kind, site));
      }
      const of = (one: (each: Visit) => number) => median(visits.map(one));
      const [mips, node] = [of((each) => each.mips), median(nodes)];
      console.log(
        `${kind.name}: usable after ${of((each) => each.usableSeconds).toFixed(2)} s, ` +
          `from the click to the shell ${of((each) => each.shellSeconds).toFixed(2)} s, ` +
          `${mips.toFixed(0)} MIPS (Node: ${node.toFixed(0)}; ${(mips / node).toFixed(2)})`,
      );
    }
  } finally {
    site.close();
  }
});
