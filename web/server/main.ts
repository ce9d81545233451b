/**
 * `npm run web`: builds the workbench and serves it to this machine's browsers. `--build DIR` leaves static files for any web server
 * instead, with the payload's boards, kernel and ramdisk where `--payload` names one.
 */
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { payloadIndex } from './payload.ts';
import { serve } from './serve.ts';
import { buildSite, SERVICE_WORKER } from './site.ts';

/** This file runs as `dist/web/server/main.js`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SITE = join(ROOT, 'dist', 'site');
/** Where `npm start` leaves it. */
const PAYLOAD = join(ROOT, 'examples', 'payload');
const PORT = 5173;
/** Where the page looks for the payload, below its own address. */
const PAYLOAD_PATH = 'payload';
const INDEX = 'index.json';

const HELP = `npm run web -- [--port N] [--payload DIR] [--build DIR]

  --port N       where it is served on 127.0.0.1; default: ${PORT}, or another where that is taken
  --payload DIR  what "drivervm payload debian -o DIR" made: boards, a kernel, a ramdisk; default: examples/payload
  --build DIR    writes static files for any web server instead of serving them; the payload is copied where it is named
`;

async function main(): Promise<number> {
  const options = parsed();
  if (options === undefined) return 2;
  if (options.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const payload = resolve(options.payload ?? PAYLOAD);
  if (options.payload !== undefined && !existsSync(join(payload, 'dtbs'))) {
    process.stderr.write(`${options.payload} is no payload: drivervm payload debian -o ${options.payload}\n`);
    return 2;
  }
  if (options.build !== undefined) {
    const site = resolve(options.build);
    // What is there is replaced, so it must be a site, or nothing.
    if (existsSync(site) && readdirSync(site).length > 0 && !existsSync(join(site, SERVICE_WORKER))) {
      process.stderr.write(`${options.build} has other files in it: name a directory that is new or empty\n`);
      return 2;
    }
    await buildSite(ROOT, site);
    if (options.payload !== undefined) copyPayload(payload, join(site, PAYLOAD_PATH));
    process.stdout.write(`${relative(process.cwd(), site) || '.'}: static files, for any web server\n`);
    return 0;
  }
  process.stderr.write('building the workbench …\n');
  await buildSite(ROOT, SITE);
  let index: string | undefined;
  const made = () => {
    index ??= indexText(payload);
    return index;
  };
  const { url } = await serve(
    {
      directories: [
        ['/', SITE],
        [`/${PAYLOAD_PATH}/`, payload],
      ],
      texts: new Map([[`/${PAYLOAD_PATH}/${INDEX}`, made]]),
    },
    Number(options.port ?? PORT),
  );
  process.stdout.write(`${url}\n`);
  if (made() === undefined) {
    process.stderr.write(
      `There is no payload in ${relative(process.cwd(), payload) || '.'}: no boards to choose, no kernel to boot.\n` +
        `  npx drivervm payload debian -o ${relative(process.cwd(), payload) || '.'}\nfetches one; reload the page then.\n`,
    );
  }
  process.stderr.write('Ctrl-C ends it.\n');
  return 0;
}

function parsed() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      options: { port: text, payload: text, build: text, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return undefined;
  }
}

function indexText(payload: string): string | undefined {
  const index = payloadIndex(payload);
  return index === undefined ? undefined : JSON.stringify(index);
}

function copyPayload(payload: string, target: string): void {
  const index = payloadIndex(payload);
  if (index === undefined) return;
  for (const each of [...index.boards, index.kernel, index.initrd])
    if (each !== undefined) cpSync(join(payload, each.path), join(target, each.path));
  writeFileSync(join(target, INDEX), JSON.stringify(index));
}

process.exitCode = await main();
