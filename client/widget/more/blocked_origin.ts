/**
 * Whether a server answers requests, but not those of this origin. A page cannot see the reason for which a request
 * fails; but the library can be loaded by pages of every origin, if it is Halley that answers.
 */
export async function isOriginBlocked(server: string): Promise<boolean> {
  try {
    const init = { method: "HEAD", cache: "no-store" } as const;
    if (!(await fetch(`${server}halley.js`, init)).ok) return false;
    // The server may have come back in the meantime.
    return await fetch(`${server}api/session`, { cache: "no-store" }).then(() => false, () => true);
  } catch {
    return false;
  }
}
