import { Api } from "../../client/comet/api.ts";
import type { Environment } from "../base/setting_reader.ts";
import { readSettings } from "../config/setting_sources.ts";
import { isSignedIn } from "../protocol/guards.ts";
import { parseArguments } from "./arguments.ts";
import { explainError, readClientSettings } from "./client/client_settings.ts";
import { escapeJson } from "./client/terminal.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** `halley token` */
export const TOKEN: Command = {
  usage: `usage: halley token key NAME SCOPES
       halley token session USER_ID [DISPLAY_NAME]

"key" creates an API key, and prints it with a line for the server's API_KEYS, which contains only
its digest. It needs no server. The key is shown only once.

  NAME      1 to 64 letters, digits, dots, hyphens and underscores
  SCOPES    publish, users, read or admin, or several of them joined by +; admin includes all scopes

"session" requests tokens for a user of your application, and prints them as JSON. The public token
of a USER_ID is always the same; each private token is a new one.

HALLEY_URL (http://127.0.0.1:8000) is the address of the server, and HALLEY_KEY an API key with the
scope users: set them in the environment or in .env.

The status is 0 on success, 1 if the request was rejected or the server did not respond, and 2 if
the arguments are invalid.`,

  async run(args) {
    const { positionals: [kind, ...words] } = parseArguments(args, {});
    if (kind === "key") console.log(await createKey(words));
    else if (kind === "session") console.log(await createSession(words, await readSettings()));
    else throw new UsageError('Name what to create: "key" or "session"');
  },
};

const SCOPES = ["publish", "users", "read", "admin"];

/** Length of a key before it is encoded in base64. */
const KEY_BYTES = 24;

/** Creates an API key: lines for `.env` files, which shells and systemd can read too. Throws a `UsageError`. */
export async function createKey([name, scopes, ...others]: readonly string[]): Promise<string> {
  if (name === undefined || scopes === undefined || others.length > 0) {
    throw new UsageError("A key needs a NAME and its SCOPES");
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
  // In quotes, because shells and some readers of .env files expand $.
  return `# The key, for the back end and for halley send and tail. It is shown only once.
HALLEY_KEY=${key}
# Its digest, for the server. Separate several keys by commas.
API_KEYS='${name}:${scopes}:sha256$${new Uint8Array(digest).toHex()}'`;
}

/** Requests tokens for a user. Throws a `CommandError`. */
async function createSession(
  [userId, displayName = userId, ...others]: readonly string[],
  settings: Environment,
): Promise<string> {
  if (userId === undefined || others.length > 0) {
    throw new UsageError("A session needs a USER_ID. Put a DISPLAY_NAME in quotes");
  }
  const { url, key } = readClientSettings(settings);
  try {
    const api = new Api({ url, privateToken: key });
    const request = { method: "POST", path: "api/sessions", isReply: isSignedIn } as const;
    const session = await api.request({ ...request, body: { userId, displayName } });
    return escapeJson(JSON.stringify(session));
  } catch (error) {
    throw new CommandError(explainError(error, url));
  }
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
