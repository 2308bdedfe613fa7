import { effect } from "@preact/signals";
import type { ChatSession } from "../state/chat_session.ts";

/** Matches the address of a file that the page has loaded because somebody wanted it, such as sentences. */
const WANTED = /\.[0-9a-f]{8}\.json$/;

/**
 * Registers the worker that keeps the page, where the browser has workers and this address may have one. A page that was
 * opened from the cache is replaced when the server, which was away, has another version. Resolves when the worker is in use.
 */
export async function registerWorker(
  session: ChatSession,
): Promise<ServiceWorkerRegistration | undefined> {
  const { serviceWorker } = navigator;
  const address = new URL("service-worker.js", document.baseURI);
  // It is missing over plain HTTP, and forbidden in some private windows.
  const registered = await serviceWorker?.register(address, { updateViaCache: "none" })
    .catch(() => undefined);
  if (!registered) return;
  if ("kept" in document.documentElement.dataset) replaceWhenUpdated(registered, session);
  await isControlled();
  // Now the worker sees these requests too, and keeps the files. The browser has them in its own cache.
  for (const { name } of performance.getEntriesByType("resource")) {
    if (WANTED.test(name)) fetch(name).catch(() => {});
  }
  return registered;
}

function replaceWhenUpdated(registered: ServiceWorkerRegistration, session: ChatSession): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => reloadWhenIdle());
  effect(() => {
    const isConnected = session.chat.value?.connection.value.name === "connected";
    if (isConnected) registered.update().catch(() => {});
  });
}

/** Loads the new version when nothing that stands in a field or a dialog, or is attached, would be lost. */
function reloadWhenIdle(): void {
  const reload = () => isWriting() || location.reload();
  for (const event of ["visibilitychange", "focusout", "keyup", "click"]) {
    document.addEventListener(event, () => setTimeout(reload));
  }
  reload();
}

function isWriting(): boolean {
  const { activeElement } = document;
  const isField = activeElement instanceof HTMLInputElement ||
    activeElement instanceof HTMLTextAreaElement;
  return isField && activeElement.value !== "" ||
    document.querySelector("dialog[open], .attached") !== null;
}

async function isControlled(): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker.controller) return;
  await new Promise<void>((resolve) => {
    serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
  });
}
