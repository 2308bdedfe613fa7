import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import type { Chat } from "./chat.ts";
import type { JwtSettings } from "../../server/http/auth/jwt_settings.ts";

/** The secret that the application and the server share. */
export const SECRET = "a-secret-of-thirty-two-characters";

/** Settings of a server that accepts the application's tokens. */
export const JWT: JwtSettings = {
  keys: { kind: "secret", secret: SECRET },
  issuer: "https://shop.example",
  audience: "halley",
  clockSkew: 0,
};

/** Claims that replace or extend those of {@linkcode claimsOf}; `undefined` removes a claim. */
export type Claims = Readonly<Record<string, unknown>>;

type Key = CryptoKey | Uint8Array;

/** Unix time in seconds, as tokens have it. */
export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Valid claims for alice, who is user 42. */
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

/** A valid token for alice, unless the claims say otherwise. */
export function tokenFor(claims: Claims = {}): Promise<string> {
  return signToken(claimsOf(claims), new TextEncoder().encode(SECRET), { alg: "HS256" });
}

/** Signs a token with a key. */
export function signToken(
  claims: Record<string, unknown>,
  key: Key,
  header: JWTHeaderParameters,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

/** Joins the parts of a token as they are, without signing it. */
export function rawToken(header: object, claims: object, signature = ""): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  return `${part(header)}.${part(claims)}.${signature}`;
}

/** Generates a key pair: the private key to sign with, and the public key in the formats of the settings. */
export async function keyPair(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, pem: await exportSPKI(publicKey), jwk: await exportJWK(publicKey) };
}

/** Requests the session of a token. */
export async function fetchSession(chat: Chat, token: string): Promise<Response> {
  return await chat.app.request("/api/session", { headers: { authorization: `Bearer ${token}` } });
}
