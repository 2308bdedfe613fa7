/**
 * Pushes to this browser while the page is closed: `/built/page-push.js`, which the page loads when it is idle, if the server
 * pushes and the browser has workers.
 *
 * @module
 */
import { effect, signal, untracked } from "@preact/signals";
import { jsx } from "preact/jsx-runtime";
import type { WorkerMessage } from "../../service_worker/push_words.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { notifying } from "../state/settings.ts";
import { DevicePushes } from "./device_pushes.ts";
import { PushSwitches } from "./push_switches.tsx";
import { unsubscribe } from "./subscription.ts";

export function startPush(session: ChatSession, registration: ServiceWorkerRegistration): void {
  if (!("pushManager" in registration)) return;
  const pushes = signal<DevicePushes>();
  notifying.switches.value = jsx(PushSwitches, { pushes });
  effect(() => {
    const before = pushes.peek();
    const chat = session.chat.value;
    before?.[Symbol.dispose]();
    pushes.value = chat && untracked(() => new DevicePushes(chat, registration));
    if (chat) return;
    // Not while an application is being asked who is signed in.
    if (before) before.end().catch(() => {});
    else if (session.signingIn.value === "no") unsubscribe(registration).catch(() => {});
  });
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
    if (data.type === "open") location.hash = data.address;
    else if (data.type === "subscription_changed") pushes.peek()?.renew();
  });
}
