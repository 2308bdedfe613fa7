import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import type { Chat } from "./chat.ts";
import type { JwtSettings } from "../../server/http/auth/jwt_settings.ts";

/** What the application and Halley both know. */
export const SECRET = "a-secret-of-thirty-two-characters";

/** What Halley has been told of the application's tokens. */
export const JWT: JwtSettings = {
  keys: { kind: "secret", secret: SECRET },
  issuer: "https://shop.example",
  audience: "halley",
  clockSkew: 0,
};

/** What a token may say beside what {@linkcode claimsOf} says; `undefined` takes a claim away. */
export type Claims = Readonly<Record<string, unknown>>;

type Key = CryptoKey | Uint8Array;

/** Unix time in seconds, as tokens have it. */
export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

/** The claims of a good token of alice, who is user 42. */
export function claimsOf(claims: Claims = {}): Record<string, unknown> {
  return {
    iss: "https://shop.example",
    aud: "halley",
    sub: "42",
    name: "alice",
    iat: now(),
    exp: now() + 300,
    ...claims,
  };
}

/** A token of the application: of alice, where the claims do not say otherwise. */
export function tokenFor(claims: Claims = {}): Promise<string> {
  return signed(claimsOf(claims), new TextEncoder().encode(SECRET), { alg: "HS256" });
}

/** A token that is signed with that key. */
export function signed(
  claims: Record<string, unknown>,
  key: Key,
  header: JWTHeaderParameters,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

/** A token whose parts are what they are, signed or not. */
export function assembled(header: object, claims: object, signature = ""): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  return `${part(header)}.${part(claims)}.${signature}`;
}

/** A new pair of keys: to sign with, and how Halley is told of it. */
export async function keyPair(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, pem: await exportSPKI(publicKey), jwk: await exportJWK(publicKey) };
}

/** Who a token says that one is. */
export async function whoIs(chat: Chat, token: string): Promise<Response> {
  return await chat.app.request("/api/session", { headers: { authorization: `Bearer ${token}` } });
}
