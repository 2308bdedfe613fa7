import type { Chat } from "./chat.ts";

/** Makes requests that arrive from an address, optionally through a proxy that sets `X-Forwarded-For`. */
export function requestsFrom(address: string, forwarded?: string) {
  const connection = { remoteAddr: { transport: "tcp", hostname: address, port: 50_000 } };
  return async (chat: Chat, path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (forwarded !== undefined) headers.set("x-forwarded-for", forwarded);
    return await chat.app.request(path, { ...init, headers }, connection);
  };
}

/** Signs in as bob. */
export function signIn(request: ReturnType<typeof requestsFrom>, chat: Chat): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return request(chat, "/api/sessions", { method: "POST", headers, body: '{"displayName":"bob"}' });
}

/** Calls `ask` `count` times in sequence, and counts the responses by status. */
export async function statuses(
  count: number,
  ask: () => Promise<Response>,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let n = 0; n < count; n++) {
    const response = await ask();
    await response.body?.cancel();
    counts[response.status] = (counts[response.status] ?? 0) + 1;
  }
  return counts;
}
