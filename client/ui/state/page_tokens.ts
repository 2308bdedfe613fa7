/**
 * Tokens for the page from its application: `/built/page-tokens.js`, which the page loads only if it needs them.
 *
 * @module
 */
import { isRecord } from "../../../server/protocol/guards.ts";
import { isToken, TokenError, tokensFromUrl } from "./application_tokens.ts";

/** How often the parent of a frame is asked, in ms: its script may not listen yet. */
const ASK_INTERVAL = 1_000;

/** Time in ms after which a parent that does not answer has failed. */
const PARENT_TIMEOUT = 10_000;

/**
 * A token from the parent of the page's frame, or from a URL, as the page's attributes say. `undefined`: nobody is signed
 * in. Rejects if there is no answer, or only answers that are no tokens.
 */
export async function pageToken(
  { tokenUrl = "", frameAncestors }: DOMStringMap,
): Promise<string | undefined> {
  if (frameAncestors && parent !== window) return await askParent(frameAncestors.split(" "));
  return await tokensFromUrl(tokenUrl, "include")();
}

/** Asks the parent of this frame for a token. Only messages from that window, with one of these origins, count. */
function askParent(origins: readonly string[]): Promise<string | undefined> {
  // Any origin may learn that this page wants a token; only those in `frame-ancestors` can be the parent.
  const ask = () => parent.postMessage({ type: "halley:token-request" }, "*");
  let answer = "not answered";
  return new Promise<string | undefined>((resolve, reject) => {
    const interval = setInterval(ask, ASK_INTERVAL);
    const end = () => {
      clearInterval(interval);
      clearTimeout(timer);
      removeEventListener("message", listen);
    };
    const timer = setTimeout(() => {
      end();
      reject(new TokenError(`The page around this frame (${origins}) has ${answer}`));
    }, PARENT_TIMEOUT);
    const listen = ({ source, origin, data }: MessageEvent) => {
      if (source !== parent || !origins.includes(origin) || !isRecord(data)) return;
      const { type, token } = data;
      if (type !== "halley:token") return;
      if (token !== null && !isToken(token)) {
        answer = "answered with neither a token nor null";
        return;
      }
      end();
      resolve(token ?? undefined);
    };
    addEventListener("message", listen);
    ask();
  });
}
