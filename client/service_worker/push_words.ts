/**
 * What the page and its worker agree on about pushes. The page stores words for the worker while a session gets pushes, and
 * removes them when that ends: then the worker shows nothing.
 *
 * @module
 */

/** What the worker must know to show a push. It contains no token that gives access. */
export interface PushWords {
  /** The public token of the session. */
  readonly owner: string;
  /** The language of the sentences. */
  readonly lang: string;
  /** Shown in place of a message without contents. */
  readonly newMessage: string;
  /** The name of the system, which sends notices. */
  readonly system: string;
}

/** What a notification leads to. */
export interface NotificationData {
  /** The fragment of the conversation, such as `room:tea`. */
  readonly address: string;
  /** The id of the message. */
  readonly id: number;
}

/** What the worker sends to open pages. */
export type WorkerMessage =
  | { readonly type: "open"; readonly address: string }
  /** The browser has ended the subscription, or replaced it. */
  | { readonly type: "subscription_changed" };

/** Stores words for the worker with this scope; `undefined` removes them. */
export async function storeWords(scope: string, words: PushWords | undefined): Promise<void> {
  if (!words) return void await caches.delete(cacheName(scope));
  await (await caches.open(cacheName(scope))).put(scope, new Response(JSON.stringify(words)));
}

export async function storedWords(scope: string): Promise<PushWords | undefined> {
  const name = cacheName(scope);
  if (!await caches.has(name)) return undefined;
  const response = await (await caches.open(name)).match(scope);
  return await response?.json();
}

/** Notifications with the same tag replace each other: one is shown for each conversation. Other servers share the origin. */
export function notificationTag(scope: string, address: string): string {
  return `${scope}#${address}`;
}

/** The fragment by which the page opens the conversation of a channel. */
export function addressOf(channel: string, owner: string): string {
  const [kind, ...names] = channel.split(":");
  if (kind === "direct") return `direct:${names.find((name) => name !== owner) ?? owner}`;
  return kind === "notice" ? kind : channel;
}

/** Differs from the names of the caches with the page. */
function cacheName(scope: string): string {
  return `halley-push ${scope}`;
}
