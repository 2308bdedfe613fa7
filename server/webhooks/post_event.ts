import { wallNow } from "../base/clock.ts";
import type { WebhookEvent } from "./webhook_event.ts";

/** Where events are posted to, and how. */
export interface PostOptions {
  readonly url: string;
  readonly secret: string;
  readonly timeoutMs: number;
}

/** Posts an event. Returns why it failed, or `undefined` if the receiver accepted it. */
export type PostEvent = (event: WebhookEvent, signal: AbortSignal) => Promise<string | undefined>;

/** Creates the function that posts events. */
export type CreatePost = (options: PostOptions) => Promise<PostEvent>;

const utf8 = new TextEncoder();

/** Creates the function that posts signed events. A response with a status of 2xx within the timeout accepts an event. */
export async function createPost({ url, secret, timeoutMs }: PostOptions): Promise<PostEvent> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  return async (event, signal) => {
    const body = JSON.stringify(event);
    const headers = {
      "content-type": "application/json",
      "user-agent": "Halley",
      "x-halley-event": event.type,
      "x-halley-signature": await sign(body, key),
    };
    const request = new AbortController();
    const abort = () => request.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal.addEventListener("abort", abort);
    try {
      if (signal.aborted) return "the server is stopping";
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
        signal: request.signal,
        // A redirect could lead to any address, such as an internal one.
        redirect: "manual",
      });
      await response.body?.cancel();
      return response.ok ? undefined : `the receiver answered ${response.status}`;
    } catch {
      // The error's message would contain the URL, which may be secret.
      return request.signal.aborted
        ? `no answer within ${timeoutMs} ms`
        : "the receiver cannot be reached";
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  };
}

/** `t=<Unix time in seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal digits>` */
async function sign(body: string, key: CryptoKey): Promise<string> {
  const t = Math.floor(wallNow() / 1_000);
  const mac = await crypto.subtle.sign("HMAC", key, utf8.encode(`${t}.${body}`));
  return `t=${t},v1=${new Uint8Array(mac).toHex()}`;
}
