import type { Runtime } from "../base/runtime.ts";
import type { PushDevice } from "../core/sessions/push_devices.ts";
import { encryptPush } from "./push_encryption.ts";
import { bytesOf, type PushKey, vapidHeader } from "./push_key.ts";

/** What is pushed to a device. */
export interface Push {
  readonly content: unknown;
  /** A push that has not been delivered is replaced by a later one with the same topic: up to 32 characters of base64url. */
  readonly topic: string;
  /** How long in seconds the service keeps it for a device that is away. */
  readonly ttl: number;
  readonly urgency: "normal" | "high";
}

/** The result of an attempt. */
export type PushResult =
  | { readonly kind: "sent" }
  /** The subscription has ended, or nothing can be encrypted for it. */
  | { readonly kind: "gone" }
  /** It may succeed later; the service may say when. */
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs?: number }
  /** The service will never accept it. */
  | { readonly kind: "refused"; readonly reason: string };

/** How requests to push services are made. */
export interface PushRequestOptions {
  readonly key: PushKey;
  readonly contact: string;
  readonly timeoutMs: number;
  readonly runtime: Runtime;
}

/** Statuses by which a service says that a subscription does not exist any more. */
const GONE = [404, 410];

/** Statuses after which another attempt may succeed. */
const PASSING = [408, 425, 429];

/** Sends a push to the service of a device. Never rejects for what the service answers. */
export async function sendPush(
  { endpoint, keys }: PushDevice,
  { content, topic, ttl, urgency }: Push,
  { key, contact, timeoutMs, runtime }: PushRequestOptions,
  stop: AbortSignal,
): Promise<PushResult> {
  const text = new TextEncoder().encode(JSON.stringify(content));
  const receiver = { p256dh: bytesOf(keys.p256dh), auth: bytesOf(keys.auth) };
  const body = await encryptPush(text, receiver).catch(() => undefined);
  // Its public key is not a point of the curve, which a browser's always is.
  if (!body) return { kind: "gone" };
  const headers = {
    "authorization": await vapidHeader(key, { endpoint, contact, now: runtime.wallNow() }),
    "content-encoding": "aes128gcm",
    "content-type": "application/octet-stream",
    "topic": topic,
    "ttl": String(ttl),
    "urgency": urgency,
  };
  const request = new AbortController();
  const abort = () => request.abort();
  const timer = runtime.setTimeout(abort, timeoutMs);
  stop.addEventListener("abort", abort);
  try {
    if (stop.aborted) return { kind: "failed", reason: "the server is stopping" };
    const { signal } = request;
    // A redirect could lead to any address, such as an internal one.
    const response = await fetch(endpoint, {
      ...{ method: "POST", headers, body, signal },
      redirect: "manual",
    });
    await response.body?.cancel();
    return resultOf(response);
  } catch {
    // The error's message would contain the endpoint, which is secret.
    const reason = request.signal.aborted ? `no answer within ${timeoutMs} ms` : "no connection";
    return { kind: "failed", reason };
  } finally {
    runtime.clearTimeout(timer);
    stop.removeEventListener("abort", abort);
  }
}

function resultOf({ ok, status, headers }: Response): PushResult {
  if (ok) return { kind: "sent" };
  if (GONE.includes(status)) return { kind: "gone" };
  const reason = `the push service answered ${status}`;
  if (status < 500 && !PASSING.includes(status)) return { kind: "refused", reason };
  const seconds = Number(headers.get("retry-after"));
  return { kind: "failed", reason, ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }) };
}
