/**
 * Keeps the workbench for when there is no network: its own files from the start. While there is one, that is asked first, so that nobody works
 * with yesterday's page. What is fetched of a payload, whoever fetches it puts into the same cache (`src/worker/payload-files.ts`).
 */
/* The build puts the site's files here. */
const FILES = ['./'];
const CACHE = 'drivervm-workbench';

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

/** Files of earlier builds. */
async function forgetOthers() {
  const cache = await caches.open(CACHE);
  const own = new Set(FILES.map((file) => new URL(file, self.registration.scope).href));
  for (const { url } of await cache.keys()) if (!own.has(url) && !isPayload(url)) await cache.delete(url);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(self.registration.scope) && !isPayload(request.url);
  if (request.method === 'GET' && isOurs) event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fetched = await fetch(request);
    if (fetched.ok) await cache.put(request, fetched.clone());
    return fetched;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept !== undefined) return kept;
    throw error;
  }
}

function isPayload(url) {
  return url.startsWith(new URL('payload/', self.registration.scope).href);
}
