import type {} from "./worker_scope.ts";

const { scope } = registration;
const { version, others } = halleyShell;

/** What the names of the caches begin with. Another server can have another path of the same origin. */
const PREFIX = `halley ${scope} `;

/** The cache of the version that belongs to this script. */
export const CACHE = PREFIX + version;

/** The names of the caches of all versions that are kept, the oldest first. */
export async function keptCaches(): Promise<readonly string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

/** A file from the cache of any version: a page that is open may be older than this script. Or else from the server. */
export async function openFile(request: Request): Promise<Response> {
  for (const cacheName of [CACHE, ...await keptCaches()]) {
    const kept = await caches.match(request.url, { cacheName, ignoreVary: true });
    if (kept) return kept;
  }
  const response = await fetch(request);
  const path = request.url.slice(scope.length);
  // Without the network, what was used once can be used again.
  if (others.includes(path)) await keepFile(path, response.clone()).catch(() => {});
  return response;
}

/** Requests a file of this version. Rejects if something else is answered. */
export async function fetchFile(path: string): Promise<Response> {
  const response = await fetch(new URL(path, scope));
  await verify(path, response.clone());
  return response;
}

async function keepFile(path: string, response: Response): Promise<void> {
  await verify(path, response.clone());
  await (await caches.open(CACHE)).put(new URL(path, scope), response);
}

/** Rejects what is not that file, such as the sign-in page of a network, and what a proxy has changed. */
async function verify(path: string, response: Response): Promise<void> {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  const start = [...new Uint8Array(digest, 0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  if (!response.ok || !path.includes(`.${start.join("")}.`)) {
    throw new Error(`Halley: ${path} is not the file of version ${version}`);
  }
}
