import { serverUrl } from "../server_url.ts";
import { VERSION } from "./browser_storage.ts";

/** What the tabs that share a poll have in common. */
export interface Identity {
  readonly url: string | URL;
  /** The private token, or the application's name for the user. */
  readonly owner: string;
}

/**
 * A short name for the tabs that share a poll. Every script of the origin can see it, so it must not reveal the private
 * token: the token has 192 random bits, the name has 53. (`crypto.subtle` would be missing on insecure origins.)
 */
export function groupName({ url, owner }: Identity): string {
  return digest(`${VERSION} ${serverUrl(url)} ${owner}`);
}

/** A hash of 53 bits: cyrb53. */
function digest(text: string): string {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let n = 0; n < text.length; n++) {
    const code = text.charCodeAt(n);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & two) + (one >>> 0)).toString(36);
}
