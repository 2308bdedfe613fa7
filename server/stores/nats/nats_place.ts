/** Which NATS servers, and how Halley signs in there. */
export interface NatsPlace {
  /** As `host:port`, tried in any order. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** Stands where user and password stand, for servers that want a token. */
  readonly token?: string;
  /** Whether to insist on TLS. */
  readonly isSecure: boolean;
}

const PLACE = /^(nats|tls):\/\/(?:([^@/]*)@)?([^@/\s]+)\/?$/;
const SERVER = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * Reads `nats://user:password@a:4222,b:4222`, or `tls://…` where the connection must be encrypted; `token@` in place of
 * user and password. Signs that have a meaning there stand percent-encoded. What cannot be read is `undefined`.
 */
export function parseNatsPlace(word: string): NatsPlace | undefined {
  const [, scheme, signingIn, list] = PLACE.exec(word) ?? [];
  const servers = list?.split(",") ?? [];
  if (servers.length === 0 || !servers.every((server) => SERVER.test(server))) return undefined;
  const isSecure = scheme === "tls";
  if (signingIn === undefined) return { servers, isSecure };
  const [first = "", second] = signingIn.split(":").map(decoded);
  return second === undefined
    ? { servers, isSecure, token: first }
    : { servers, isSecure, user: first, password: second };
}

/** The place without what is secret, for messages to the operator. */
export function formatNatsPlace({ servers, isSecure }: NatsPlace): string {
  return `${isSecure ? "tls" : "nats"}://${servers.join(",")}`;
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    // A lone percent sign stands for itself.
    return word;
  }
}
