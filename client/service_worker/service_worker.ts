/**
 * Keeps the page and its files, so that it opens while the server is away: `/service-worker.js`. It answers for the page and
 * for files with a hash in their name; every other request goes to the server as if it did not exist. It shows pushes, too.
 *
 * @module
 */
import { keepVersion, keptPage, removeOldVersions } from "./kept_versions.ts";
import { openFile } from "./kept_files.ts";
import { openConversation, reportChange, showPush } from "./pushes.ts";
import type { FetchEvent } from "./worker_scope.ts";

/** How long in ms a page waits for the server before it is opened from the cache. */
const PATIENCE = 2_000;

/** Matches the address of a file whose name has a hash of its content, relative to the page. */
const HASHED = /^(built\/)?[\w.-]+\.[0-9a-f]{8}\.\w+$/;

const { scope } = registration;

addEventListener("install", (event) => {
  event.waitUntil(keepVersion().then(() => skipWaiting()));
  // Browsers that know routes do not even start this worker for the requests of the API.
  const urlPattern = new URL("api/*", scope).href;
  event.addRoutes?.({ condition: { urlPattern }, source: "network" }).catch(() => {});
});

addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([
    clients.claim(),
    removeOldVersions(),
    // Without it, opening the page takes longer by the start of this worker.
    registration.navigationPreload?.enable(),
  ]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const [address = ""] = request.url.slice(scope.length).split("#");
  if (request.mode === "navigate") {
    // Frames belong to other pages, which are not kept.
    if (/^(\?|$)/.test(address) && request.destination === "document") {
      event.respondWith(openPage(event));
    }
  } else if (HASHED.test(address)) event.respondWith(openFile(request));
});

addEventListener("push", (event) => event.waitUntil(showPush(event.data)));

addEventListener(
  "notificationclick",
  (event) => event.waitUntil(openConversation(event.notification)),
);

addEventListener("pushsubscriptionchange", (event) => event.waitUntil(reportChange()));

/** The page from the server, or the one in the cache if the server is away or slow. */
async function openPage(event: FetchEvent): Promise<Response> {
  const fresh = fetchPage(event);
  event.waitUntil(removeOldVersions());
  const kept = await keptPage();
  if (!kept) return await fresh;
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE));
  const response = await Promise.race([fresh.catch(() => undefined), late]);
  // A proxy in front of a server that is away answers with such a status.
  return response && response.status < 500 ? response : kept;
}

async function fetchPage({ request, preloadResponse }: FetchEvent): Promise<Response> {
  return await preloadResponse ?? await fetch(request);
}
