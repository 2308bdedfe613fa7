const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/** The parameters of an address that say how to connect, with their values; any text where there are none. */
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = {
  sslmode: SSL_MODES,
  // As drivers for JavaScript and Java have it.
  ssl: ["true", "false", ...SSL_MODES],
  sslrootcert: undefined,
  sslcert: undefined,
  sslkey: undefined,
  sslnegotiation: ["postgres"],
  channel_binding: ["disable", "prefer", "require"],
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  dbname: undefined,
  // Halley reads, which every server of a cluster can answer, and has timeouts of its own.
  target_session_attrs: ["any"],
  gssencmode: ["disable", "prefer"],
  connect_timeout: undefined,
  keepalives: undefined,
  keepalives_idle: undefined,
  keepalives_interval: undefined,
  keepalives_count: undefined,
};

/** Parameters that are sent to the server. */
const SERVER_PARAMETERS: readonly string[] = ["application_name", "options", "search_path"];

/** How to connect to a PostgreSQL server, as `postgres://` addresses say it. Undefined members have their defaults. */
export interface PostgresAddress {
  /** A name, an IP address without brackets, or the folder of a Unix socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** Sent to the server. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Without it, the connection is not encrypted. */
  readonly tls: PostgresTls | undefined;
}

/** `optional`: only if the server supports it. `encrypt`: without verifying the certificate. */
export interface PostgresTls {
  readonly verify: "optional" | "encrypt" | "authority" | "authority and host";
  /** The paths of the trusted authorities, and of the client's certificate with its key. */
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** Finds what is wrong with the parameters of an address. The messages contain no values, which may be secret. */
export function findInvalidParameters(url: string): readonly string[] {
  const parameters = parametersOf(url);
  return [...parameters].flatMap(([name, value]) => {
    if (SERVER_PARAMETERS.includes(name)) return [];
    if (!Object.hasOwn(PARAMETERS, name)) {
      // If a "?" in the password was not escaped, this is a part of it.
      const shown = /^[a-z_]{1,40}$/i.test(name) ? `the parameter "${name}"` : "a parameter";
      return [`NOTICES_DB has ${shown}, which is unknown: remove it, or correct its name`];
    }
    const allowed = PARAMETERS[name];
    if (allowed === undefined || allowed.includes(value)) return [];
    return [`NOTICES_DB has an invalid ${name}; allowed: ${allowed.join(", ")}`];
  }).concat(
    parameters.get("channel_binding") === "require" && modeOf(parameters) === "disable"
      ? ["NOTICES_DB has channel_binding=require, which needs TLS, and sslmode=disable"]
      : [],
  );
}

/** Parses an address whose parameters are valid. Returns `undefined` if another part is not. */
export function parsePostgresAddress(text: string): PostgresAddress | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/** Parses the text of an address, in which the host after a user may be empty. Throws a `TypeError`. */
export function postgresUrl(text: string): URL {
  return new URL(text.replace(/^(\w+:\/\/[^/?#]*@)(?=[/?])/, "$1localhost"));
}

function parse(text: string): PostgresAddress {
  const url = postgresUrl(text);
  const parameters = parametersOf(text);
  const part = (name: string, inUrl: string) =>
    parameters.get(name) || decodeURIComponent(inUrl) || undefined;
  const port = part("port", url.port);
  return {
    host: part("host", url.hostname.replace(/^\[(.*)\]$/, "$1")),
    port: port === undefined ? undefined : Number(port),
    username: part("user", url.username),
    password: part("password", url.password),
    database: part("dbname", url.pathname.slice(1)),
    parameters: Object.fromEntries(
      [...parameters].filter(([name]) => SERVER_PARAMETERS.includes(name)),
    ),
    tls: tlsOf(parameters),
  };
}

function parametersOf(url: string): ReadonlyMap<string, string> {
  return new Map(postgresUrl(url).searchParams);
}

function tlsOf(parameters: ReadonlyMap<string, string>): PostgresTls | undefined {
  const verify = verificationOf(parameters);
  if (verify === undefined) return undefined;
  const root = parameters.get("sslrootcert");
  return {
    verify,
    rootCertificate: root === "system" ? undefined : root,
    certificate: parameters.get("sslcert"),
    key: parameters.get("sslkey"),
  };
}

function verificationOf(
  parameters: ReadonlyMap<string, string>,
): PostgresTls["verify"] | undefined {
  const mode = modeOf(parameters);
  const root = parameters.get("sslrootcert");
  // Both exclude a machine in the middle; the PostgreSQL client has no channel binding.
  if (parameters.get("channel_binding") === "require") return "authority and host";
  if (mode === "verify-full" || root === "system") return "authority and host";
  // As libpq does, which verifies the authority if it was given one.
  if (mode === "verify-ca" || mode === "require" && root !== undefined) return "authority";
  if (mode === "require") return "encrypt";
  return mode === "prefer" || mode === "allow" ? "optional" : undefined;
}

function modeOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const ssl = parameters.get("ssl");
  const alias = ssl === "true" ? "verify-full" : ssl === "false" ? "disable" : ssl;
  return parameters.get("sslmode") ?? alias;
}
