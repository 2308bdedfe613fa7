import type { SettingReader } from "../../base/setting_reader.ts";
import { parseRights, type Rights, rightsOf } from "../../core/model/rights.ts";
import {
  type JwtSettings,
  type KeySource,
  parseJwksUrl,
  parseJwtPublicKey,
  parseJwtSecret,
} from "./jwt_settings.ts";

/** What guests may do, as the operator has written it. */
export interface GuestSettings {
  /** Patterns of rooms. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Whether they may write to each other alone. */
  readonly direct: boolean;
  readonly reservedNames: readonly string[];
}

/** Who may come in, and what who comes in by a name alone may do. */
export interface AuthSettings {
  /** The tokens that count; `undefined` where a name is enough. */
  readonly jwt: JwtSettings | undefined;
  readonly guests: GuestSettings;
}

const ALLOWED = {
  secret: "none, or at least 32 characters of ASCII without blanks",
  publicKey: "none, or a public key as PEM or JWK: RSA of at least 2048 bits, P-256 or Ed25519",
  url: "none, or a URL that begins with https://, or with http:// and leads to this machine",
  rooms: "none, or * or patterns of rooms separated by commas, such as room:tea, room:team-*",
} as const;

const KEYS = "JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL";

/** Reads the settings of who may come in. */
export function readAuthSettings(read: SettingReader): AuthSettings {
  const auth = read.oneOf("AUTH", "guest", ["guest", "jwt"]);
  const sources = [
    read.secret("JWT_SECRET", "none", parseJwtSecret, ALLOWED.secret),
    // It may be a private key by mistake.
    read.secret("JWT_PUBLIC_KEY", "none", parseJwtPublicKey, ALLOWED.publicKey),
    read.parsed("JWT_JWKS_URL", "none", parseJwksUrl, ALLOWED.url),
  ].flatMap(({ keys }) => keys ?? []);
  const jwt = {
    issuer: optional(read.text("JWT_ISSUER", "none")),
    audience: optional(read.text("JWT_AUDIENCE", "none")),
    clockSkew: read.wholeNumber("JWT_CLOCK_SKEW", 30_000, { min: 0, max: 600_000 }),
  };
  return { jwt: jwtOf(read, { auth, sources, jwt }), guests: readGuests(read) };
}

/** What those may do who have no rights of their own. */
export function guestRightsOf({ read, write, direct }: GuestSettings): Rights {
  return rightsOf({ read, write: direct ? [...write, "direct:*"] : write });
}

function readGuests(read: SettingReader): GuestSettings {
  return {
    read: read.parsed("GUEST_READ", "*", parseRooms, ALLOWED.rooms),
    write: read.parsed("GUEST_WRITE", "*", parseRooms, ALLOWED.rooms),
    direct: read.oneOf("GUEST_DIRECT", "Y", ["Y", "N"]) === "Y",
    reservedNames: read.parsed("RESERVED_NAMES", "System,系统,Halley", parseNames, "names"),
  };
}

function jwtOf(read: SettingReader, { auth, sources, jwt }: {
  readonly auth: "guest" | "jwt";
  readonly sources: readonly KeySource[];
  readonly jwt: Omit<JwtSettings, "keys">;
}): JwtSettings | undefined {
  const [keys, ...more] = sources;
  if (auth === "guest") {
    // Whoever sets one of them believes that nobody comes in without a token.
    if (keys !== undefined) read.addError(`AUTH is guest, and one of ${KEYS} is set`);
    return undefined;
  }
  // Keys of two kinds would leave it to the token by which it is checked.
  if (keys === undefined || more.length > 0) {
    read.addError(`AUTH is jwt, which wants one of ${KEYS}, and no more than one`);
    return undefined;
  }
  return { keys, ...jwt };
}

function parseRooms(list: string): readonly string[] | undefined {
  const words = wordsOf(list).map((word) => word === "*" ? "room:*" : word);
  const areRooms = words.every((word) => word.startsWith("room:"));
  return areRooms && isReadable(words) ? words : undefined;
}

function isReadable(words: readonly string[]): boolean {
  return parseRights({ read: words }) !== undefined;
}

function parseNames(list: string): readonly string[] {
  return wordsOf(list);
}

function wordsOf(list: string): readonly string[] {
  if (list === "none") return [];
  return list.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

function optional(word: string): string | undefined {
  return word === "none" ? undefined : word;
}
