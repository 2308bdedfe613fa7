import type { SettingReader } from "../../base/setting_reader.ts";

/** What Halley's page gets from an application. Addresses are URLs, or paths on the page's own site. */
export interface PageSettings {
  /** Where the page gets its tokens. */
  readonly tokenUrl: string | undefined;
  /** Where people sign in to the application, and out of it. */
  readonly signInUrl: string | undefined;
  readonly signOutUrl: string | undefined;
  /** The origins of pages that may show the page in a frame, and then give it tokens. */
  readonly frameAncestors: readonly string[];
  /** The origins from which the page loads pictures of users and of back ends. */
  readonly pictureOrigins: readonly string[];
  /** Whether the page copies messages into its browser, to be read while the server is away. */
  readonly offlineCopy: "on" | "off";
}

const ALLOWED = {
  address:
    "none, a path of the page's own site such as /chat-token, an https:// URL, or an http:// " +
    "URL of this machine",
  origins:
    "none, or origins separated by commas, such as https://shop.example, each with https:// or " +
    "of this machine, without a path and without *",
} as const;

/** Reads the settings of the page; those for the users of an application need `AUTH=jwt`. */
export function readPageSettings(read: SettingReader, auth: "guest" | "jwt"): PageSettings {
  const address = (name: string) => read.parsed(name, "none", parseAddress, ALLOWED.address).url;
  const origins = (name: string) => read.parsed(name, "none", parseOrigins, ALLOWED.origins);
  const ofUsers = {
    tokenUrl: address("TOKEN_URL"),
    signInUrl: address("SIGN_IN_URL"),
    signOutUrl: address("SIGN_OUT_URL"),
    frameAncestors: origins("FRAME_ANCESTORS"),
  };
  if (auth === "guest" && Object.values(ofUsers).some((value) => value?.length)) {
    read.addError(
      "AUTH is guest, but one of TOKEN_URL, SIGN_IN_URL, SIGN_OUT_URL or FRAME_ANCESTORS is set",
    );
  }
  // Back ends can speak with a picture to guests, too.
  const pictureOrigins = origins("PICTURE_ORIGINS");
  const offlineCopy = read.oneOf("OFFLINE_COPY", "on", ["on", "off"]);
  return { ...ofUsers, pictureOrigins, offlineCopy };
}

/** Only a base for paths. */
const SITE = "https://site.invalid";

function parseAddress(word: string): { readonly url?: string } | undefined {
  if (word === "none") return {};
  const isPath = /^\/[^\s\\]*$/.test(word);
  const url = URL.parse(word, isPath ? SITE : undefined);
  if (url === null || url.username + url.password !== "" || /[\s\\]/.test(word)) return undefined;
  // `//host` is another site.
  if (isPath) return url.origin === SITE ? { url: url.href.slice(SITE.length) } : undefined;
  return isSecure(url) ? { url: url.href } : undefined;
}

function parseOrigins(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const words = list.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return words.every(isOrigin) ? words : undefined;
}

function isOrigin(word: string): boolean {
  const url = URL.parse(word);
  return url !== null && url.origin === word && isSecure(url) && !word.includes("*");
}

function isSecure({ protocol, hostname }: URL): boolean {
  const isLocal = /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return protocol === "https:" || protocol === "http:" && isLocal;
}
