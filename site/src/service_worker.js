// Keeps the page's files, so that it opens without a network, and lets it use threads on hosts that set no headers.
const VERSION = "VERSION";
const FILES = ["FILES"];
const CACHE = `photochrom-page-${VERSION}`;
/** Kept by the page itself, and over new versions of the page. */
const NETWORK_CACHE = "photochrom-network";

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("photochrom-page-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  // which network there is may change; the page itself keeps the last answer
  if (request.url.endsWith("/network/network.json")) return isolated(await fetch(request));
  const kept = (await (await caches.open(CACHE)).match(request, { ignoreSearch: true })) ?? (await (await caches.open(NETWORK_CACHE)).match(request));
  return isolated(kept ?? (await fetch(request)));
}

/** The page is alone in its process then, which threads of WebAssembly need; all its files come from here anyway. */
function isolated(response) {
  if (response.status === 0 || response.redirected) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
