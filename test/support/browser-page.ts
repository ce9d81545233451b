/** The page that `browser.test.ts` shows to Chromium: the ten lines over files that it has fetched, and what came of them. */
import { memoryHost } from '../../src/workspace/index.ts';
import { tenLines } from './ten-lines.ts';

const FILES = ['board.dtb', 'Image', 'initrd.cpio'];

async function outcome(): Promise<object> {
  const contents = FILES.map(async (name) => {
    const response = await fetch(`/${name}`);
    return [`/${name}`, new Uint8Array(await response.arrayBuffer())] as const;
  });
  const host = memoryHost(Object.fromEntries(await Promise.all(contents)));
  const overrides = { dtb: '/board.dtb', kernel: '/Image', initrd: '/initrd.cpio', pass: ['serial0'] };
  return await tenLines(host, overrides, '/project');
}

const result = await outcome().catch((error: Error) => ({
  end: 'thrown',
  console: error.stack ?? `${error}`,
}));
await fetch('/outcome', { method: 'POST', body: JSON.stringify(result) });
