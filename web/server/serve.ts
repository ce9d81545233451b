/** Serves directories of files on this machine alone: the site, and a payload below `payload/`. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

/** What is served: files below directories, by the beginnings of their paths, and texts that are made. */
export interface Served {
  readonly directories: readonly (readonly [prefix: string, directory: string])[];
  readonly texts: ReadonlyMap<string, () => string | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Where it can be reached. The port is another where the wanted one is taken. */
export async function serve(served: Served, port: number): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = pathOf(request.url);
    const text = served.texts.get(path)?.();
    const file = fileOf(served, path);
    const isKnown = request.method === 'GET' && (text !== undefined || file !== undefined);
    const type = TYPES[extname(file ?? path)] ?? 'application/octet-stream';
    response.writeHead(isKnown ? 200 : 404, {
      'content-type': type,
      'cache-control': 'no-cache',
      ...(file === undefined || text !== undefined ? {} : factsOf(file)),
    });
    if (!isKnown) response.end();
    else if (text !== undefined) response.end(text);
    else if (file !== undefined) createReadStream(file).pipe(response);
  });
  if (!(await listen(server, port)) && !(await listen(server, 0))) throw new Error('no port is free');
  const { port: found } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${found}/`, close: () => void server.close().closeAllConnections() };
}

function factsOf(file: string): Readonly<Record<string, string>> {
  const { size, mtime } = statSync(file);
  return { 'content-length': `${size}`, 'last-modified': mtime.toUTCString() };
}

function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

function pathOf(url: string | undefined): string {
  try {
    return decodeURIComponent(new URL(url ?? '/', 'http://localhost').pathname);
  } catch {
    return '';
  }
}

/** The longest prefix that fits decides; no path leads out of its directory. */
function fileOf({ directories }: Served, path: string): string | undefined {
  const [prefix = '', directory] =
    [...directories]
      .sort(([one], [other]) => other.length - one.length)
      .find(([begins]) => path.startsWith(begins)) ?? [];
  if (directory === undefined || path.includes('\0')) return undefined;
  const file = normalize(join(directory, path.slice(prefix.length) || 'index.html'));
  if (!file.startsWith(`${normalize(directory)}${sep}`)) return undefined;
  return existsSync(file) && statSync(file).isFile() ? file : undefined;
}
