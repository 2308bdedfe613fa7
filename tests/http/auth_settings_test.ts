import { assertEquals } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import type { Environment } from "../../server/base/setting_reader.ts";
import { keyPair } from "../support/tokens.ts";
import { configErrors } from "../config/config_errors.ts";

const SECRET = "a-secret-of-thirty-two-characters";

function authOf(environment: Environment) {
  return readConfig(environment).auth;
}

const ONE_KEY =
  "AUTH is jwt, which needs exactly one of JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL";

Deno.test("[O1] by default guests sign in with a name and can read and write everything", () => {
  assertEquals(authOf({}), {
    jwt: undefined,
    guests: {
      read: ["room:*"],
      write: ["room:*"],
      direct: true,
      reservedNames: ["System", "系统", "Halley"],
    },
    visitorRooms: [],
    page: {
      tokenUrl: undefined,
      signInUrl: undefined,
      signOutUrl: undefined,
      frameAncestors: [],
      pictureOrigins: [],
      offlineCopy: "on",
    },
  });
});

Deno.test("[O1] the settings of authentication come from the environment", () => {
  const auth = authOf({
    AUTH: "jwt",
    JWT_SECRET: SECRET,
    JWT_ISSUER: "https://shop.example",
    JWT_AUDIENCE: "halley",
    JWT_CLOCK_SKEW: "5000",
    GUEST_READ: "room:tea, room:team-*",
    GUEST_WRITE: "none",
    GUEST_DIRECT: "N",
    RESERVED_NAMES: "Shop, Support",
    VISITOR_ROOMS: "support-*",
    TOKEN_URL: "/chat-token",
    SIGN_IN_URL: "https://shop.example/login?next=chat",
    SIGN_OUT_URL: "http://localhost:3000/logout",
    FRAME_ANCESTORS: "https://shop.example, http://127.0.0.1:8080",
    PICTURE_ORIGINS: "https://pictures.example",
    OFFLINE_COPY: "off",
  });

  assertEquals(auth, {
    jwt: {
      keys: { kind: "secret", secret: SECRET },
      issuer: "https://shop.example",
      audience: "halley",
      clockSkew: 5_000,
    },
    guests: {
      read: ["room:tea", "room:team-*"],
      write: [],
      direct: false,
      reservedNames: ["Shop", "Support"],
    },
    visitorRooms: ["room:support-*"],
    page: {
      tokenUrl: "/chat-token",
      signInUrl: "https://shop.example/login?next=chat",
      signOutUrl: "http://localhost:3000/logout",
      frameAncestors: ["https://shop.example", "http://127.0.0.1:8080"],
      pictureOrigins: ["https://pictures.example"],
      offlineCopy: "off",
    },
  });
});

Deno.test("[O2] JWT_SECRET has at least 32 characters and is never shown", () => {
  assertEquals(configErrors({ AUTH: "jwt", JWT_SECRET: "s".repeat(31) }), [
    "JWT_SECRET is invalid (value not shown); allowed: none, or at least 32 ASCII characters without spaces",
    ONE_KEY,
  ]);
});

Deno.test("[O2] JWT_PUBLIC_KEY is a public key for a supported algorithm", async () => {
  for (const algorithm of ["RS256", "ES256", "EdDSA"] as const) {
    const { pem, jwk } = await keyPair(algorithm);
    for (const word of [pem, pem.replaceAll("\n", "\\n"), JSON.stringify(jwk)]) {
      const { jwt } = authOf({ AUTH: "jwt", JWT_PUBLIC_KEY: word });
      assertEquals(jwt?.keys.kind === "public" && jwt.keys.algorithm, algorithm);
    }
  }
});

Deno.test("[O2] JWT_PUBLIC_KEY cannot be a private key, a secret or a key of another kind", async () => {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const privateJwk = await crypto.subtle.exportKey("jwk", (pair as CryptoKeyPair).privateKey);
  const { jwk: p384 } = await keyPair("ES384");
  const words = [
    JSON.stringify(privateJwk),
    JSON.stringify({ kty: "oct", k: "c2VjcmV0" }),
    JSON.stringify(p384),
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----",
    "{",
    "nonsense",
  ];

  for (const word of words) {
    assertEquals(configErrors({ AUTH: "jwt", JWT_PUBLIC_KEY: word }), [
      "JWT_PUBLIC_KEY is invalid (value not shown); allowed: none, or a public key in PEM or JWK format: RSA with at least 2048 bits, P-256 or Ed25519",
      ONE_KEY,
    ]);
  }
});

Deno.test("[O2] JWT_JWKS_URL uses HTTPS or leads to this machine", () => {
  for (const url of ["https://id.example/keys", "http://127.0.0.1:9/keys", "http://localhost/k"]) {
    const { jwt } = authOf({ AUTH: "jwt", JWT_JWKS_URL: url });
    assertEquals(jwt?.keys, { kind: "url", url });
  }
  for (const url of ["http://id.example/keys", "ftp://id.example", "https://me:pw@id.example/"]) {
    assertEquals(configErrors({ JWT_JWKS_URL: url }).length, 1);
  }
});

Deno.test("[O2] AUTH=jwt needs one source of keys, AUTH=guest none", () => {
  const url = "https://id.example/keys";

  assertEquals(configErrors({ AUTH: "jwt" }), [ONE_KEY]);
  assertEquals(configErrors({ AUTH: "jwt", JWT_SECRET: SECRET, JWT_JWKS_URL: url }), [ONE_KEY]);
  assertEquals(configErrors({ JWT_SECRET: SECRET }), [
    "AUTH is guest, but one of JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL is set",
  ]);
  assertEquals(configErrors({ AUTH: "none" }), ['AUTH is "none"; allowed: guest or jwt']);
});

Deno.test("[O2] GUEST_READ and GUEST_WRITE are room patterns", () => {
  for (const word of ["tea", "direct:*", "room:", "room:a b", "notice"]) {
    assertEquals(configErrors({ GUEST_READ: word, GUEST_WRITE: word }).length, 2);
  }
});
