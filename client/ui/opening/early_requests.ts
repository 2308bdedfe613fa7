import { orderedPair } from "../../../server/protocol/channel.ts";
import { isPerson, isRecord } from "../../../server/protocol/guards.ts";
import { TOKEN_HEADER } from "../../../server/protocol/token_header.ts";
import { localValue, PAGE_PREFIX } from "../storage/stored_value.ts";
import type { FirstMessages } from "./first_messages.ts";

/** What the page asks for first, requested while its script is still being loaded. */
interface EarlyRequests {
  readonly token: string;
  /** The stored cursor before the requests: what is later than the replies comes after it. */
  readonly cursor: string;
  /** The responses by the addresses of the requests; undefined if the network has failed. */
  readonly responses: Map<string, Promise<Response | undefined>>;
}

declare global {
  /** Set by a script of its own. */
  var halleyEarly: EarlyRequests | undefined;
}

/** A narrower page begins with the list of conversations. */
const WIDE = "(width >= 44rem)";

/** Maximum time in ms for a response. */
const TIMEOUT = 15_000;

/**
 * Requests the conversations of a guest who is signed in, and the newest messages of the one that the page will show. On a
 * slow network that saves two round trips. Returns whether the browser has stored such a guest.
 */
export function sendEarlyRequests(onMessages: (first: FirstMessages) => void): boolean {
  const session: unknown = localValue(`${PAGE_PREFIX}.session`, isPerson).read();
  const stored = localValue(`${PAGE_PREFIX}.cursor`, isRecord).read();
  if (!isRecord(session) || !isRecord(stored?.value) || stored.owner !== session.publicToken) {
    return false;
  }
  const { privateToken: token, publicToken, settings } = session;
  const { cursor } = stored.value;
  if (typeof token !== "string" || typeof cursor !== "string") return false;
  const responses = new Map<string, Promise<Response | undefined>>();
  const send = (path: string) => {
    const { href } = new URL(path, document.baseURI);
    const init: RequestInit = {
      headers: { [TOKEN_HEADER]: token },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    };
    const response = fetch(href, init).catch(() => undefined);
    responses.set(href, response);
    return response;
  };
  send("api/conversations");
  const home = isRecord(settings) && matchMedia(WIDE).matches ? settings.home : undefined;
  const channel = addressedChannel(String(publicToken)) ?? home;
  if (channel) {
    send(`api/channels/${encodeURIComponent(String(channel))}/messages?limit=50`)
      // A copy, because the page reads the response later.
      .then((response) => response?.clone().json())
      .then((reply) => onMessages({ channel: String(channel), self: String(publicToken), reply }))
      .catch(() => {}); // It is not JSON: the page requests it again.
  }
  globalThis.halleyEarly = { token, cursor, responses };
  return true;
}

/** The channel that the fragment of the page's address names. */
function addressedChannel(self: string): string | undefined {
  const [, kind, name = ""] = /^#(room|direct):(.+)$/.exec(location.hash) ?? [];
  if (kind !== "direct") return kind && decodeURIComponent(`${kind}:${name}`);
  return `direct:${orderedPair(self, name).join(":")}`;
}

/** Forgets the early responses, unless the page continues from the cursor from before them. */
export function keepEarlyResponses(cursor: string | undefined): void {
  if (globalThis.halleyEarly?.cursor !== cursor) globalThis.halleyEarly = undefined;
}

/** Sends a request, unless the page has sent it early. */
export async function fetchOnce(url: string, init: RequestInit): Promise<Response> {
  const { token, responses } = globalThis.halleyEarly ?? {};
  if (!responses?.size) return await fetch(url, init);
  const isSame = init.method === "GET" && new Headers(init.headers).get(TOKEN_HEADER) === token;
  const response = isSame ? responses.get(url) : undefined;
  responses.delete(url);
  return await response ?? await fetch(url, init);
}
