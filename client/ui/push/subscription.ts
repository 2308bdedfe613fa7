import { isNothing, isRecord } from "../../../server/protocol/guards.ts";
import type { PushReply } from "../../../server/protocol/replies.ts";
import type { EndPushRequest, PushRequest } from "../../../server/protocol/requests.ts";
import { type PushWords, storedWords, storeWords } from "../../service_worker/push_words.ts";
import type { CometClient } from "../../comet/halley.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import type { PushFailure } from "./push_strings.ts";

const PATH = "api/push";

/** Says why this device could not be subscribed. */
export class SubscribeError extends Error {
  readonly failure: PushFailure;

  constructor(failure: PushFailure) {
    super(failure);
    this.failure = failure;
  }
}

export interface SubscribeOptions {
  readonly client: CometClient;
  readonly registration: ServiceWorkerRegistration;
  readonly words: PushWords;
  /** Whether pushes have names and texts. */
  readonly contents: boolean;
}

/**
 * Subscribes this browser with the key that the server has now, or continues a subscription of the same session, and gives it
 * to the server. Throws a {@linkcode SubscribeError}.
 */
export async function subscribe(
  { client, registration, words, contents }: SubscribeOptions,
): Promise<void> {
  const { pushManager, scope } = registration;
  const before = await storedWords(scope);
  const serverKey = await serverKeyOf(client);
  const current = await pushManager.getSubscription();
  const isUsable = current && before?.owner === words.owner && keyOf(current) === serverKey;
  if (current && !isUsable) {
    await current.unsubscribe();
    if (before?.owner === words.owner) await removeDevice(client, current.endpoint).catch(() => {});
  }
  const subscription = isUsable ? current : await newSubscription(pushManager, serverKey);
  // Before the first push can arrive.
  await storeWords(scope, words);
  const body: PushRequest = { subscription: jsonOf(subscription), serverKey, contents };
  try {
    await client.request({ method: "PUT", path: PATH, body, isReply: isNothing });
  } catch (error) {
    throw new SubscribeError(isRefusal(error) ? "unknown_service" : "server");
  }
}

/** Ends the subscription of this browser, and forgets everything about it. The server finds that out with its next push. */
export async function unsubscribe(registration: ServiceWorkerRegistration): Promise<void> {
  await storeWords(registration.scope, undefined);
  for (const notification of await registration.getNotifications()) notification.close();
  await (await registration.pushManager.getSubscription())?.unsubscribe();
}

/** Removes this browser from the session. */
export async function removeFrom(
  client: CometClient,
  registration: ServiceWorkerRegistration,
): Promise<void> {
  const subscription = await registration.pushManager.getSubscription();
  await unsubscribe(registration);
  if (subscription) await removeDevice(client, subscription.endpoint);
}

async function removeDevice(client: CometClient, endpoint: string): Promise<void> {
  const body: EndPushRequest = { endpoint };
  await client.request({ method: "DELETE", path: PATH, body, isReply: isNothing });
}

async function serverKeyOf(client: CometClient): Promise<string> {
  try {
    const request = { method: "GET", path: PATH, isReply: isPushReply } as const;
    return (await client.request(request)).publicKey;
  } catch {
    throw new SubscribeError("server");
  }
}

async function newSubscription(
  manager: PushManager,
  applicationServerKey: string,
): Promise<PushSubscription> {
  try {
    return await manager.subscribe({ userVisibleOnly: true, applicationServerKey });
  } catch (error) {
    const isDenied = error instanceof DOMException && error.name === "NotAllowedError";
    throw new SubscribeError(isDenied ? "denied" : "service");
  }
}

function jsonOf(subscription: PushSubscription): PushRequest["subscription"] {
  const { endpoint } = subscription;
  const { p256dh = "", auth = "" } = subscription.toJSON().keys ?? {};
  return { endpoint, keys: { p256dh, auth } };
}

/** The server's key with which a subscription was made, in base64url. */
function keyOf({ options: { applicationServerKey } }: PushSubscription): string {
  const bytes = new Uint8Array(applicationServerKey ?? []);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

function isRefusal(error: unknown): boolean {
  return error instanceof HalleyError && error.code === "invalid_request";
}

function isPushReply(value: unknown): value is PushReply {
  return isRecord(value) && typeof value.publicKey === "string";
}
