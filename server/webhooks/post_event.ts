import type { WebhookEvent } from "./webhook_event.ts";

/** Where events go, how they are signed, and how long (ms) the answer may take. */
export interface PostOptions {
  readonly url: string;
  readonly secret: string;
  readonly patience: number;
}

/** Posts an event. Resolves to the reason why it was not taken, or to `undefined` when it was. */
export type PostEvent = (event: WebhookEvent, signal: AbortSignal) => Promise<string | undefined>;

const utf8 = new TextEncoder();

/** Makes what posts events to a receiver. It is taken when it is answered with a status of 2xx in time. */
export async function openPost({ url, secret, patience }: PostOptions): Promise<PostEvent> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  return async (event, signal) => {
    const body = JSON.stringify(event);
    const headers = {
      "content-type": "application/json",
      "user-agent": "Halley",
      "x-halley-event": event.type,
      "x-halley-signature": await signatureOf(body, key),
    };
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), patience);
    const onEnd = () => abort.abort();
    signal.addEventListener("abort", onEnd);
    try {
      if (signal.aborted) return "the server stops";
      const request = { method: "POST", headers, body, signal: abort.signal } as const;
      // Whoever is redirected may be led anywhere.
      const response = await fetch(url, { ...request, redirect: "manual" });
      // Only the status counts.
      await response.body?.cancel();
      return response.ok ? undefined : `it answers ${response.status}`;
    } catch {
      // What fetch says names the URL, which may be a secret.
      return abort.signal.aborted ? `no answer within ${patience} ms` : "it cannot be reached";
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onEnd);
    }
  };
}

/** `t=<Unix time in seconds>,v1=<HMAC-SHA256 of "<t>.<body>", in hexadecimal digits>` */
async function signatureOf(body: string, key: CryptoKey): Promise<string> {
  const t = Math.floor(Date.now() / 1_000);
  const mac = await crypto.subtle.sign("HMAC", key, utf8.encode(`${t}.${body}`));
  return `t=${t},v1=${new Uint8Array(mac).toHex()}`;
}
