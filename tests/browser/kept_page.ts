import type { Page } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";

/** The addresses in the caches of the page's origin, by the names of the caches. */
export function keptAddresses(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(async () => {
    const all: Record<string, string[]> = {};
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      all[name] = requests.map(({ url }) => url);
    }
    return all;
  });
}

/** Waits until the newest worker has kept the page, with the sentences of its language, and is in use. */
export async function isKept(page: Page): Promise<void> {
  await assertSoon(async () => {
    const isChanging = await page.evaluate(async () => {
      const { installing, waiting, active } = await navigator.serviceWorker.ready;
      return Boolean(installing || waiting) || active?.state !== "activated";
    });
    if (isChanging) return false;
    const [addresses = []] = Object.values(await keptAddresses(page)).toReversed();
    return addresses.some((url) => /\/page-\w+\.\w+\.json$/.test(url));
  }, true);
}

/** What the page has copied of the messages that it has loaded, as JSON; empty if there is no copy. */
export function copyIn(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const all = await indexedDB.databases();
    const copy = all.find(({ name = "" }) => name.endsWith(".copy"))?.name;
    if (!copy) return "";
    const opening = indexedDB.open(copy);
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    try {
      const reading = database.transaction("copies").objectStore("copies").getAll();
      await new Promise((resolve) => reading.onsuccess = resolve);
      return JSON.stringify(reading.result);
    } finally {
      database.close();
    }
  });
}

/** Waits until the copy contains a text. */
export async function hasCopied(page: Page, text: string): Promise<void> {
  await assertSoon(async () => (await copyIn(page)).includes(text), true);
}
