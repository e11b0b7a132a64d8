/**
 * Keeps the files of the client, so that it starts without a network. It never touches what the server says: messages
 * are the business of the core.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;
/** Written in by the build: the version, and every file of it. */
declare const SHELL: { version: string; files: string[] };

const prefix = "kith-shell-";
const cache = `${prefix}${SHELL.version}`;
const page = "/index.html";
/** Names the moment from which on a version is a former one, in its own cache. */
const replaced = "/replaced";
/** So long a former version is kept, for pages that were opened with it. */
const former_ms = 7 * 24 * 60 * 60_000;
/** Files whose names are never used for other contents. */
const hashed = /^\/assets\//;
/** Where the client is; everything else that is opened, like the documentation, is the server's. */
const routes = /^\/(c\/.*|settings(\/.*)?|sign-in|sign-up)?$/;

worker.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    retire()
      .then(drop)
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("message", (event) => {
  if (event.data === "take-over") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate") {
    if (!routes.test(pathname)) return;
    event.respondWith(shell(request));
    event.waitUntil(drop());
    return;
  }
  if (SHELL.files.includes(pathname) || hashed.test(pathname)) event.respondWith(kept(request, pathname));
});

/** The page of this version, so that page and files belong together; a new version comes through `install`. */
async function shell(request: Request): Promise<Response> {
  return (await caches.match(page, { cacheName: cache })) ?? fetch(request);
}

/** A page that was opened with a former version goes on with the files of that one. */
async function kept(request: Request, pathname: string): Promise<Response> {
  const own = await caches.match(pathname, { cacheName: cache });
  return own ?? (hashed.test(pathname) ? await caches.match(pathname) : undefined) ?? fetch(request);
}

async function keep(): Promise<void> {
  const store = await caches.open(cache);
  // It may have been here before, and come back.
  await store.delete(replaced);
  await store.addAll(SHELL.files.map((file) => new Request(file, { cache: "no-cache" })));
}

async function others(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cache);
}

/** All others are former versions from now on. */
async function retire(): Promise<void> {
  for (const name of await others()) {
    const store = await caches.open(name);
    if ((await store.match(replaced)) === undefined) await store.put(replaced, new Response(String(Date.now())));
  }
}

/** What has been a former version for too long goes. One that waits for its turn is none. */
async function drop(): Promise<void> {
  for (const name of await others()) {
    const since = await caches.match(replaced, { cacheName: name });
    if (since !== undefined && Date.now() - Number(await since.text()) > former_ms) await caches.delete(name);
  }
}
