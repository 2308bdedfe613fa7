/** What the tabs of one browser have in common that read as the same session of the same server. */
export interface Identity {
  readonly url: string | URL;
  /** A private token, or a word for one user. */
  readonly owner: string;
}

/**
 * A short name for them, which every script of the origin may see. It gives nothing of the private token away: that is
 * 192 random bits, and these are 53. (crypto.subtle would be missing where the origin is not secure.)
 */
export function groupName({ url, owner }: Identity): string {
  const server = new URL(url, globalThis.document?.baseURI);
  return digest(`${server.href.replace(/\/*$/, "")} ${owner}`);
}

/** 53 bits of a text, by cyrb53. */
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
