import { Api } from "../../client/comet/api.ts";
import { wallNow } from "../base/clock.ts";
import type { Environment } from "../base/setting_reader.ts";
import { inspectSettings } from "../config/config.ts";
import { readSettings } from "../config/setting_sources.ts";
import { parseRights } from "../core/model/rights.ts";
import { createPushKey } from "../push/push_key.ts";
import { isSignedIn } from "../protocol/guards.ts";
import { parseArguments, parseWholeNumber } from "./arguments.ts";
import { explainError, readClientSettings } from "./client/client_settings.ts";
import { escapeJson } from "./client/terminal.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";
import { inBase64Url, signToken } from "./sign_token.ts";

/** `halley token` */
export const TOKEN: Command = {
  usage: `usage: halley token key NAME SCOPES
       halley token session USER_ID [DISPLAY_NAME]
       halley token push
       halley token jwt --sub USER_ID [--name NAME] [--picture URL] [--read LIST] [--write LIST]
                        [--admin LIST] [--patterns LIST] [--expires SECONDS]

"key" creates an API key, and prints it with a line for the server's API_KEYS, which contains only
its digest. It needs no server. The key is shown only once.

  NAME      1 to 64 letters, digits, dots, hyphens and underscores
  SCOPES    publish, users, read, patterns or admin, or several of them joined by +; admin includes
            all scopes, and patterns, which reads rooms by pattern, needs read

"session" requests tokens for a user of your application, and prints them as JSON. The public token
of a USER_ID is always the same; each private token is a new one.

HALLEY_URL (http://127.0.0.1:8000) is the address of the server, and HALLEY_KEY an API key with the
scope users: set them in the environment or in .env.

"push" makes a key with which the server identifies itself to push services, and prints it as a line
for the server's settings. It needs no server. Set another one and restart to replace the key: devices
get pushes with the key before until they subscribe with the new one, when their page is opened.

"jwt" makes a token as your application does for a server with AUTH=jwt, to try it. It is signed with
the settings JWT_SECRET, JWT_ISSUER and JWT_AUDIENCE of the environment or of .env, and needs no
server. A LIST has channels or patterns such as 'room:team-*', separated by commas; without any, the
user has the rights of a guest. --patterns are those of rooms that the user may read together, such as
'room:support-*'. The token expires after an hour (3600). "halley tail" and "halley
soak --token" take it.

The status is 0 on success, 1 if the request was rejected or the server did not respond, and 2 if
the arguments are invalid.`,

  async run(args) {
    const [kind, ...words] = args;
    if (kind === "jwt") return console.log(await createJwt(words, await readSettings()));
    const { positionals } = parseArguments(words, {});
    if (kind === "push") console.log(await createPushSetting(positionals));
    else if (kind === "key") console.log(await createKey(positionals));
    else if (kind === "session") {
      console.log(await createSession(positionals, await readSettings()));
    } else throw new UsageError('Name what to create: "key", "session", "push" or "jwt"');
  },
};

const SCOPES: readonly string[] = ["publish", "users", "read", "patterns", "admin"];

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
  const key = inBase64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  // In quotes, because shells and some readers of .env files expand $.
  return `# The key, for the back end and for halley send and tail. It is shown only once.
HALLEY_KEY=${key}
# Its digest, for the server. Separate several keys by commas.
API_KEYS='${name}:${scopes}:sha256$${new Uint8Array(digest).toHex()}'`;
}

/** Creates the key for push services: a line for `.env` files. Throws a `UsageError`. */
export async function createPushSetting(others: readonly string[]): Promise<string> {
  if (others.length > 0) throw new UsageError(`Unknown argument "${others[0]}"`);
  return `# The key for push services, for the server: it replaces the one in use at the next start.
PUSH_KEY=${await createPushKey()}`;
}

const JWT_OPTIONS = {
  sub: { type: "string" },
  name: { type: "string" },
  picture: { type: "string" },
  read: { type: "string" },
  write: { type: "string" },
  admin: { type: "string" },
  patterns: { type: "string" },
  expires: { type: "string", default: "3600" },
} as const;

/** Makes a token of an application (JWT) with the settings of a server. Throws a `UsageError` or a `CommandError`. */
export async function createJwt(args: readonly string[], settings: Environment): Promise<string> {
  const { values, positionals } = parseArguments(args, JWT_OPTIONS);
  const { sub, name, picture, expires, ...lists } = values;
  if (positionals.length > 0) throw new UsageError(`Unknown argument "${positionals[0]}"`);
  if (!sub) throw new UsageError("A token needs the id of its user: --sub USER_ID");
  const seconds = parseWholeNumber("expires", expires, { min: 1, max: 1e9 });
  const channels = Object.fromEntries(
    Object.entries(lists).map(([right, list = ""]) => [right, parsePatterns(right, list)]),
  );
  const { jwt } = inspectSettings({ ...settings, AUTH: "jwt" }).config.auth;
  if (jwt?.keys.kind !== "secret") {
    throw new CommandError(
      "JWT_SECRET is not set, or not valid: set it to that of the server, in the environment or in " +
        ".env. With other keys, only your application can sign tokens",
    );
  }
  const iat = Math.floor(wallNow() / 1_000);
  return await signToken({
    sub,
    ...(name !== undefined && { name }),
    ...(picture !== undefined && { picture }),
    ...(jwt.issuer !== undefined && { iss: jwt.issuer }),
    ...(jwt.audience !== undefined && { aud: jwt.audience }),
    ...(Object.keys(channels).length > 0 && { channels }),
    iat,
    exp: iat + seconds,
  }, jwt.keys.secret);
}

function parsePatterns(right: string, list: string): readonly string[] {
  const words = list.split(",").map((word) => word.trim()).filter((word) => word !== "");
  if (words.length > 0 && parseRights({ [right]: words }) !== undefined) return words;
  throw new UsageError(
    right === "patterns"
      ? `--patterns is "${list}"; allowed: patterns of rooms separated by commas, such as room:team-*`
      : `--${right} is "${list}"; allowed: channels and patterns separated by commas, such as room:tea,room:team-*`,
  );
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
