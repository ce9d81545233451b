/**
 * Keeps the workbench for when there is no network: its own files from the start, those of a payload once they were fetched. While there is a
 * network, that is asked first, so that nobody works with yesterday's page.
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
  const isPayload = (url) => url.startsWith(new URL('payload/', self.registration.scope).href);
  for (const { url } of await cache.keys()) if (!own.has(url) && !isPayload(url)) await cache.delete(url);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope))
    event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  try {
    const fetched = await fetch(request);
    if (fetched.ok && !isSame(kept, fetched)) await cache.put(request, fetched.clone());
    return fetched;
  } catch (error) {
    if (kept !== undefined) return kept;
    throw error;
  }
}

/** Whether it is worth keeping again: a kernel is large. */
function isSame(kept, fetched) {
  const changed = fetched.headers.get('last-modified');
  return kept !== undefined && changed !== null && kept.headers.get('last-modified') === changed;
}
