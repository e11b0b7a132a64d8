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
/** Where the client is; everything else that is opened, like the documentation, is the server's. */
const routes = /^\/(c\/.*|settings(\/.*)?|sign-in|sign-up)?$/;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cache)
      .then((store) => store.addAll(SHELL.files.map((file) => new Request(file, { cache: "no-cache" })))),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(prefix) && name !== cache))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
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
    if (routes.test(pathname)) event.respondWith(shell(request));
    return;
  }
  if (SHELL.files.includes(pathname)) event.respondWith(kept(request, pathname));
});

/** The page of this version, so that page and files belong together; a new version comes through `install`. */
async function shell(request: Request): Promise<Response> {
  return (await caches.match(page, { cacheName: cache })) ?? fetch(request);
}

async function kept(request: Request, pathname: string): Promise<Response> {
  return (await caches.match(pathname, { cacheName: cache })) ?? fetch(request);
}
