/**
 * Whether a server that cannot be used by this page is there all the same: then it does not let the page's origin in.
 * Browsers do not tell a page the difference, but they do send requests whose answers nobody may read.
 */
export async function isTurnedAway(server: string): Promise<boolean> {
  try {
    await fetch(`${server}live`, { mode: "no-cors", cache: "no-store", credentials: "omit" });
    // There it is; perhaps only since now, or it stands at the page's own origin.
    return await fetch(`${server}api/session`, { cache: "no-store" }).then(() => false, () => true);
  } catch {
    return false;
  }
}
