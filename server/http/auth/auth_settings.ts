import type { SettingReader } from "../../base/setting_reader.ts";
import { parseRights, type Rights, rightsOf } from "../../core/model/rights.ts";
import { parseChannel } from "../../protocol/channel.ts";
import { parseRoomPattern } from "../../protocol/room_pattern.ts";
import {
  type JwtSettings,
  type KeySource,
  parseJwksUrl,
  parseJwtPublicKey,
  parseJwtSecret,
} from "./jwt_settings.ts";
import { type PageSettings, readPageSettings } from "./page_settings.ts";

/** The rights of guests. */
export interface GuestSettings {
  /** Patterns of rooms. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Whether guests can send direct messages. */
  readonly direct: boolean;
  readonly reservedNames: readonly string[];
}

/** How people sign in. */
export interface AuthSettings {
  /** The tokens that people need; `undefined` if a name is enough. */
  readonly jwt: JwtSettings | undefined;
  readonly guests: GuestSettings;
  /** The patterns of the rooms that belong to one visitor each. */
  readonly visitorRooms: readonly string[];
  readonly page: PageSettings;
}

const ALLOWED = {
  secret: "none, or at least 32 ASCII characters without spaces",
  publicKey:
    "none, or a public key in PEM or JWK format: RSA with at least 2048 bits, P-256 or Ed25519",
  url: "none, an https:// URL, or an http:// URL of this machine",
  visitorRooms:
    "none, or patterns separated by commas, such as support-*, whose beginnings end in " +
    "-, _ or . and have at most 48 characters",
  rooms: "none, *, or room patterns separated by commas, such as room:tea, room:team-*",
} as const;

const KEYS = "JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL";

/** Reads the settings of authentication and of guests. */
export function readAuthSettings(read: SettingReader): AuthSettings {
  const auth = read.oneOf("AUTH", "guest", ["guest", "jwt"]);
  const sources = [
    read.secret("JWT_SECRET", "none", parseJwtSecret, ALLOWED.secret),
    // Treated as a secret, since it can be a private key by mistake.
    read.secret("JWT_PUBLIC_KEY", "none", parseJwtPublicKey, ALLOWED.publicKey),
    read.parsed("JWT_JWKS_URL", "none", parseJwksUrl, ALLOWED.url),
  ].flatMap(({ keys }) => keys ?? []);
  const jwt = {
    issuer: optional(read.text("JWT_ISSUER", "none")),
    audience: optional(read.text("JWT_AUDIENCE", "none")),
    clockSkew: read.wholeNumber("JWT_CLOCK_SKEW", 30_000, { min: 0, max: 600_000 }),
  };
  return {
    jwt: jwtOf(read, { auth, sources, jwt }),
    guests: readGuests(read),
    visitorRooms: read.parsed(
      "VISITOR_ROOMS",
      "none",
      parseVisitorRooms,
      ALLOWED.visitorRooms,
    ),
    page: readPageSettings(read, auth),
  };
}

/** The rights of guests, and of users whose token contains no rights. */
export function guestRightsOf(
  { read, write, direct }: GuestSettings,
  visitorRooms: readonly string[] = [],
): Rights {
  return rightsOf({ read, write: direct ? [...write, "direct:*"] : write, visitorRooms });
}

function readGuests(read: SettingReader): GuestSettings {
  return {
    read: read.parsed("GUEST_READ", "*", parseRooms, ALLOWED.rooms),
    write: read.parsed("GUEST_WRITE", "*", parseRooms, ALLOWED.rooms),
    direct: read.oneOf("GUEST_DIRECT", "Y", ["Y", "N"]) === "Y",
    reservedNames: read.parsed("RESERVED_NAMES", "System,系统,Halley", wordsOf, "names"),
  };
}

function jwtOf(read: SettingReader, { auth, sources, jwt }: {
  readonly auth: "guest" | "jwt";
  readonly sources: readonly KeySource[];
  readonly jwt: Omit<JwtSettings, "keys">;
}): JwtSettings | undefined {
  const [keys, ...more] = sources;
  if (auth === "guest") {
    // The operator expects that a token is required.
    if (keys !== undefined) read.addError(`AUTH is guest, but one of ${KEYS} is set`);
    return undefined;
  }
  // With keys of two kinds, the token would select the kind that it is verified with.
  if (keys === undefined || more.length > 0) {
    read.addError(`AUTH is jwt, which needs exactly one of ${KEYS}`);
    return undefined;
  }
  return { keys, ...jwt };
}

function parseRooms(list: string): readonly string[] | undefined {
  const words = wordsOf(list).map((word) => word === "*" ? "room:*" : word);
  const areRooms = words.every((word) => word.startsWith("room:"));
  return areRooms && parseRights({ read: words }) !== undefined ? words : undefined;
}

function parseVisitorRooms(list: string): readonly string[] | undefined {
  const patterns = wordsOf(list).map((word) =>
    parseRoomPattern(word.startsWith("room:") ? word : `room:${word}`)
  );
  const haveSpace = patterns.every((pattern) =>
    pattern !== undefined &&
    parseChannel(pattern.replace("*", "x".repeat(16))) !== undefined
  );
  return haveSpace ? patterns.filter((pattern) => pattern !== undefined) : undefined;
}

function wordsOf(list: string): readonly string[] {
  if (list === "none") return [];
  return list.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

function optional(word: string): string | undefined {
  return word === "none" ? undefined : word;
}
