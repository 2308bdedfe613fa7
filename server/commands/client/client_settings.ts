import { CommandError } from "./command_error.ts";

/** Which server a command talks to, and by which API key. */
export interface ClientSettings {
  readonly url: string;
  /** Secret: to be told to nobody but the server. */
  readonly key: string;
}

/** What the server listens at if it is not told anything. */
const HERE = "http://127.0.0.1:8000";

const BAD_CALL = 2;

/** Reads `HALLEY_URL` and `HALLEY_KEY`. Throws a `CommandError`. */
export function readClientSettings(settings: Readonly<Record<string, string>>): ClientSettings {
  const { HALLEY_URL = "", HALLEY_KEY = "" } = settings;
  return { url: readUrl(HALLEY_URL.trim() || HERE), key: readKey(HALLEY_KEY.trim()) };
}

function readUrl(word: string): string {
  const url = URL.parse(word);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash === "";
  // Who has put a password there does not want to see it again.
  if (url !== null && url.username + url.password !== "") {
    throw new CommandError("HALLEY_URL must not have a name or password in it", BAD_CALL);
  }
  if (isAddress) return url.href.replace(/\/+$/, "");
  throw new CommandError(
    `HALLEY_URL is "${word}"; allowed: addresses that begin with http:// or https://`,
    BAD_CALL,
  );
}

function readKey(key: string): string {
  if (key === "") {
    throw new CommandError(
      "HALLEY_KEY is missing: set it, in the environment or in .env, to an API key of the server\n" +
        '("halley token key NAME SCOPES" makes one)',
      BAD_CALL,
    );
  }
  if (/^sha256\$|:sha256\$/.test(key)) {
    throw new CommandError(
      "HALLEY_KEY is what stands in API_KEYS, a digest; it must be the key itself",
      BAD_CALL,
    );
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError("HALLEY_KEY has blanks or characters that no key has", BAD_CALL);
}
