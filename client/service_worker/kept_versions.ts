import { CACHE, fetchFile, keptCaches } from "./kept_files.ts";

const { scope } = registration;
const { version, needed, others } = halleyShell;

/** How many versions are kept at most while pages are open, which may be of any of them. */
const MAX_VERSIONS = 3;

/** Headers of the page that are not true of its copy: they describe how the server has sent it. */
const TRANSFER_HEADERS = ["content-encoding", "content-length", "etag", "vary"];

/** Keeps this version as a whole. Rejects, and keeps nothing of it, if the server has another one or does not answer. */
export async function keepVersion(): Promise<void> {
  const paths = [...needed, ...await wantedFiles()];
  const [page, ...files] = await Promise.all([
    fetchPage(),
    ...paths.map(async (path) => [new URL(path, scope), await fetchFile(path)] as const),
  ]);
  try {
    // So that it is the newest one, also if this version was kept before.
    await caches.delete(CACHE);
    const cache = await caches.open(CACHE);
    await Promise.all(files.map(([url, response]) => cache.put(url, response)));
    await cache.put(scope, page);
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** The page of this version, if it is kept. */
export async function keptPage(): Promise<Response | undefined> {
  return await caches.match(scope, { cacheName: CACHE, ignoreVary: true });
}

/** Removes the older versions when no page is open that may need their files, and otherwise all but the newest. */
export async function removeOldVersions(): Promise<void> {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const isUsed = windows.some(({ url }) => url.startsWith(scope));
  const names = await keptCaches();
  // A newer one may be on its way.
  const old = names.slice(0, Math.max(0, names.indexOf(CACHE)));
  const removed = isUsed ? old.slice(0, 1 - MAX_VERSIONS) : old;
  await Promise.all(removed.map((name) => caches.delete(name)));
}

/** The page as the server has it now, marked as a copy. */
async function fetchPage(): Promise<Response> {
  const response = await fetch(scope, { cache: "no-cache" });
  const html = await response.text();
  if (!response.ok || !html.includes(` data-version="${version}"`)) {
    throw new Error(`Halley: the page is not of version ${version}`);
  }
  const headers = new Headers(response.headers);
  for (const name of TRANSFER_HEADERS) headers.delete(name);
  return new Response(html.replace("<html ", "<html data-kept "), { headers });
}

/** The other files that were used in an earlier version, such as the sentences of the person's language. */
async function wantedFiles(): Promise<readonly string[]> {
  const used = new Set<string>();
  for (const name of await keptCaches()) {
    const requests = await (await caches.open(name)).keys();
    for (const { url } of requests) used.add(withoutHash(url.slice(scope.length)));
  }
  return others.filter((path) => used.has(withoutHash(path)));
}

function withoutHash(path: string): string {
  return path.replace(/\.[0-9a-f]{8}(?=\.\w+$)/, "");
}
