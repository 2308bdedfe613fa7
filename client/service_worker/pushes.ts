import {
  addressOf,
  type NotificationData,
  notificationTag,
  storedWords,
  type WorkerMessage,
} from "./push_words.ts";
import type { PushMessageData, WindowClient } from "./worker_scope.ts";

const { scope } = registration;

/** What the server pushes: without contents, only the first two. See `server/push/push_job.ts`. */
interface Pushed {
  readonly channel: string;
  readonly id: number;
  readonly at?: number;
  readonly from?: string;
  readonly title?: string;
  readonly text?: string;
}

/**
 * Shows a push, one for each conversation. A page that is visible shows its messages itself; browsers allow that a push has no
 * notification then. After the session has ended here, nothing is shown.
 */
export async function showPush(data: PushMessageData | null): Promise<void> {
  const words = await storedWords(scope);
  if (!words) return await endSubscription();
  const windows = await pageWindows();
  if (windows.some(({ visibilityState }) => visibilityState === "visible")) return;
  const pushed: Pushed = data?.json() ?? { channel: "notice", id: 0 };
  const { channel, id, at, from, title = from, text } = pushed;
  const address = addressOf(channel, words.owner);
  const tag = notificationTag(scope, address);
  // A page that is open but not visible shows what it has got; such a message may be pushed as well.
  const shown = await registration.getNotifications({ tag });
  if (shown.some((one) => one.data?.id >= id)) return;
  const hasContents = title !== undefined || text !== undefined;
  const notification: NotificationData = { address, id };
  await registration.showNotification(hasContents ? title ?? words.system : "Halley", {
    body: hasContents ? text ?? "" : words.newMessage,
    ...(!hasContents && { lang: words.lang }),
    tag,
    icon: new URL("icon-192.png", scope).href,
    data: notification,
    // Known to some browsers: it sounds again for each message.
    ...{ renotify: true, timestamp: at },
  });
}

/** Opens the conversation of a notification, in a page that is open or in a new one. */
export async function openConversation(notification: Notification): Promise<void> {
  notification.close();
  const { address }: NotificationData = notification.data;
  const [open] = await pageWindows();
  if (!open) return void await clients.openWindow(new URL(`#${address}`, scope).href);
  await open.focus().catch(() => {}); // Some systems forbid it.
  open.postMessage({ type: "open", address } satisfies WorkerMessage);
}

/** Has an open page subscribe again. Without one, the next page does it: the worker has no token. */
export async function reportChange(): Promise<void> {
  for (const open of await pageWindows()) {
    open.postMessage({ type: "subscription_changed" } satisfies WorkerMessage);
  }
}

async function endSubscription(): Promise<void> {
  await (await registration.pushManager.getSubscription())?.unsubscribe();
}

/** The open pages, the one that was used last first; not the admin page, nor pages with the widget. */
async function pageWindows(): Promise<readonly WindowClient[]> {
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url, frameType }) =>
    frameType === "top-level" && url.startsWith(scope) && /^([?#]|$)/.test(url.slice(scope.length))
  );
}
