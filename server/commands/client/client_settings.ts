import { HalleyError } from "../../../client/comet/halley_error.ts";
import type { Environment } from "../../base/setting_reader.ts";
import { CommandError } from "../command_error.ts";
import { escapeText } from "./terminal.ts";

/** The server that a client command connects to. */
export interface ClientSettings {
  readonly url: string;
  /** The API key. Never print it. */
  readonly key: string;
}

/** The address of a server with default settings. */
const DEFAULT_URL = "http://127.0.0.1:8000";

const USAGE_STATUS = 2;

/** Reads `HALLEY_URL` and `HALLEY_KEY`. Throws a `CommandError`, whose message never contains the key. */
export function readClientSettings(settings: Environment): ClientSettings {
  const { HALLEY_URL = "", HALLEY_KEY = "" } = settings;
  return { url: readUrl(HALLEY_URL.trim() || DEFAULT_URL), key: readKey(HALLEY_KEY.trim()) };
}

/** Explains in one line why a request failed, and what to do. */
export function explainError(error: unknown, url: string): string {
  // No server has responded: the network failed, or the request timed out.
  if (!(error instanceof HalleyError)) return `${url} does not respond. Check HALLEY_URL`;
  const { code, status, detail } = error;
  if (code === "unexpected_answer") {
    return `${url}: ${escapeText(detail)}. Check HALLEY_URL`;
  }
  if (status === 401) {
    return `${url} does not accept HALLEY_KEY. Set it to one of the keys in the server's API_KEYS`;
  }
  if (code === "not_allowed") return `HALLEY_KEY does not allow this: ${escapeText(detail)}`;
  return escapeText(detail);
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  const isValid = url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash === "";
  // The message must not repeat a password.
  if (url !== null && url.username + url.password !== "") {
    throw new CommandError("HALLEY_URL must not contain a user name or password", USAGE_STATUS);
  }
  if (isValid) return url.href.replace(/\/+$/, "");
  throw new CommandError(
    `HALLEY_URL is "${text}"; allowed: URLs that start with http:// or https://, without a query`,
    USAGE_STATUS,
  );
}

function readKey(key: string): string {
  if (key === "") {
    throw new CommandError(
      "HALLEY_KEY is not set: set it to an API key of the server, in the environment or in .env\n" +
        '("halley token key NAME SCOPES" creates one)',
      USAGE_STATUS,
    );
  }
  if (/^sha256\$|:sha256\$/.test(key)) {
    throw new CommandError(
      "HALLEY_KEY is an entry of API_KEYS, with a digest: set it to the key itself",
      USAGE_STATUS,
    );
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError(
    "HALLEY_KEY contains spaces or characters that are not ASCII: no key does",
    USAGE_STATUS,
  );
}
