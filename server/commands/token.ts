import { isSignedIn } from "../protocol/guards.ts";
import { Api } from "../../client/comet/api.ts";
import { type ClientSettings, readClientSettings } from "./client/client_settings.ts";
import { CommandError, UsageError } from "./client/command_error.ts";
import { explain } from "./client/explain.ts";
import { harmlessJson } from "./client/harmless.ts";
import { readWords } from "./client/words.ts";

/** How one makes keys and tokens. */
export const TOKEN_USAGE = `usage: halley token key NAME SCOPES
       halley token session USER_ID [DISPLAY_NAME]

key makes an API key, and prints it with the line for the server's API_KEYS, which holds its
digest alone. It asks nobody, and the key is told this once.

  NAME      1 to 64 letters, digits, dots, hyphens and underscores
  SCOPES    publish, read or admin, or several of them joined by +; admin is everything

session asks the server for tokens for a user of your application, and prints them as JSON.
The same USER_ID always has the same public token; each private token is a new one.

HALLEY_URL (http://127.0.0.1:8000) says where the server is, and HALLEY_KEY holds an API key with
the scope publish: in the environment or in .env.

The status is 0 if it was done, 1 if it was refused or nobody answered, and 2 if the call was wrong.`;

const SCOPES = ["publish", "read", "admin"];

/** How long a key is, before it is written in base64. */
const KEY_BYTES = 24;

/** Makes a key or a session; returns the exit status. */
export async function token(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const { positionals: [what, ...words] } = readWords(args, {});
  if (what === "key") console.log(await makeKey(words));
  else if (what === "session") console.log(await makeSession(words, readClientSettings(settings)));
  else throw new UsageError('It is not said what to make: "key" or "session"');
  return 0;
}

/** Makes a key: two lines for `.env` files, which shells and systemd read as well. Throws a `UsageError`. */
export async function makeKey([name, scopes, ...others]: readonly string[]): Promise<string> {
  if (name === undefined || scopes === undefined || others.length > 0) {
    throw new UsageError("A key wants a name and its scopes");
  }
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new UsageError(
      `NAME is "${name}"; allowed: 1 to 64 letters, digits, dots, hyphens and underscores`,
    );
  }
  if (!scopes.split("+").every((scope) => SCOPES.includes(scope))) {
    throw new UsageError(`SCOPES is "${scopes}"; allowed: ${SCOPES.join(", ")}, joined by +`);
  }
  const key = base64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  // In quotes, since $ means something to shells and to some readers of .env files.
  return `# The key, told this once: for the back end, and for halley send and tail
HALLEY_KEY=${key}
# Its digest, for the server; several stand in one line, with commas between
API_KEYS='${name}:${scopes}:sha256$${new Uint8Array(digest).toHex()}'`;
}

async function makeSession(
  [userId, displayName = userId, ...others]: readonly string[],
  { url, key }: ClientSettings,
): Promise<string> {
  if (userId === undefined || others.length > 0) {
    throw new UsageError("A session wants the id of a user, and perhaps a display name in quotes");
  }
  try {
    const api = new Api({ url, privateToken: key });
    const request = { method: "POST", path: "api/sessions", isReply: isSignedIn } as const;
    const session = await api.request({ ...request, body: { userId, displayName } });
    return harmlessJson(JSON.stringify(session));
  } catch (error) {
    throw new CommandError(explain(error, url));
  }
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
