import { assertEquals, assertMatch } from "@std/assert";
import { parseJwtPublicKey } from "../../server/http/auth/jwt_settings.ts";
import { Chat } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import {
  claimsOf,
  fetchSession,
  JWT,
  keyPair,
  now,
  rawToken,
  SECRET,
  signToken,
  tokenFor,
} from "../support/tokens.ts";

const inUtf8 = (word: string) => new TextEncoder().encode(word);

for (const alg of ["RS256", "ES256", "EdDSA", "Ed25519"]) {
  Deno.test(`[Q2] a token is accepted that is signed by ${alg} with the private key of JWT_PUBLIC_KEY`, async () => {
    const { privateKey, pem, jwk } = await keyPair(alg);
    for (const setting of [pem.trim().replaceAll("\n", "\\n"), pem, JSON.stringify(jwk)]) {
      const { keys } = parseJwtPublicKey(setting) ?? {};
      await using chat = await Chat.open({ jwt: { ...JWT, keys: keys ?? JWT.keys } });

      const good = await signToken(claimsOf(), privateKey, { alg });
      const other = await signToken(claimsOf(), (await keyPair(alg)).privateKey, { alg });

      assertEquals((await fetchSession(chat, good)).status, 200);
      await expectRefusal(fetchSession(chat, other), 401, "not_signed_in");
    }
  });
}

/** Invalid tokens by what is wrong with them, and what the refusal says. */
const INVALID_TOKENS: Record<string, [token: () => Promise<string> | string, why: RegExp]> = {
  "forged with another secret": [
    () => signToken(claimsOf(), inUtf8("s".repeat(32)), { alg: "HS256" }),
    /signature/,
  ],
  "with altered claims": [
    async () => {
      const [header, , signature] = (await tokenFor()).split(".");
      const [, claims] = rawToken({}, claimsOf({ sub: "1" })).split(".");
      return `${header}.${claims}.${signature}`;
    },
    /signature/,
  ],
  "with an altered signature": [
    async () => (await tokenFor()).replace(/.{8}$/, "AAAAAAAA"),
    /signature/,
  ],
  "without a signature": [
    async () => (await tokenFor()).replace(/[^.]*$/, ""),
    /signature/,
  ],
  "of no algorithm": [() => rawToken({ alg: "none" }, claimsOf()), /algorithm/],
  "of no algorithm, in capitals": [
    () => rawToken({ alg: "NONE" }, claimsOf(), "AAAA"),
    /algorithm/,
  ],
  "of a stronger algorithm": [
    () => signToken(claimsOf(), inUtf8(SECRET.repeat(2)), { alg: "HS512" }),
    /algorithm/,
  ],
  "with an unsupported critical header": [
    () => rawToken({ alg: "HS256", crit: ["exp"] }, claimsOf(), "AAAA"),
    /not a valid JWT/,
  ],
  "for another audience": [() => tokenFor({ aud: "mail" }), /"aud"/],
  "for no audience": [() => tokenFor({ aud: undefined }), /"aud"/],
  "of another issuer": [() => tokenFor({ iss: "https://evil.example" }), /"iss"/],
  "that is not valid yet": [() => tokenFor({ nbf: now() + 60 }), /"nbf"/],
  "that was issued in the future": [() => tokenFor({ iat: now() + 60 }), /"iat"/],
  "without an expiry": [() => tokenFor({ exp: undefined }), /"exp"/],
  "whose expiry is not a number": [() => tokenFor({ exp: "tomorrow" }), /"exp"/],
  "without a user": [() => tokenFor({ sub: undefined }), /"sub"/],
  "of a user whose id is too long": [() => tokenFor({ sub: "4".repeat(129) }), /"sub"/],
  "of a user whose id is a number": [() => tokenFor({ sub: 42 }), /"sub"/],
  "with an invalid channel": [() => tokenFor({ channels: { read: ["tea"] } }), /"channels"/],
  "whose channels are a string": [() => tokenFor({ channels: "room:tea" }), /"channels"/],
  "with an unknown right": [
    () => tokenFor({ channels: { read: [], fly: ["*"] } }),
    /"channels.fly"/,
  ],
  "that is a word": [() => "nonsense", /not a valid JWT/],
  "that is three words": [() => "a.b.c", /not a valid JWT/],
};

for (const [what, [make, why]] of Object.entries(INVALID_TOKENS)) {
  Deno.test(`[Q2] a token ${what} is refused`, async () => {
    await using chat = await Chat.open({ jwt: JWT });
    const token = await make();

    for (let time = 0; time < 2; time++) {
      const { detail } = await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
      assertMatch(detail, why);
      assertEquals(detail.includes(token), false);
    }
    assertEquals(chat.internalErrors, []);
    assertEquals(await chat.test.store.sessions.findByPublicToken("42"), undefined);
  });
}

Deno.test("[Q2] an expired token is refused as such, to the second", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  await using tolerant = await Chat.open({ jwt: { ...JWT, clockSkew: 30_000 } });
  const token = await tokenFor({ exp: now() - 1 });

  await expectRefusal(fetchSession(chat, token), 401, "token_expired");
  assertEquals((await fetchSession(tolerant, token)).status, 200);
});

Deno.test("[Q2] a token that is signed with the text of the public key is refused", async () => {
  const { pem, jwk } = await keyPair("RS256");
  const keys = parseJwtPublicKey(pem)?.keys ?? JWT.keys;
  await using chat = await Chat.open({ jwt: { ...JWT, keys } });

  for (const text of [pem, pem.trim(), JSON.stringify(jwk)]) {
    const token = await signToken(claimsOf(), inUtf8(text), { alg: "HS256" });
    await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
  }
});

Deno.test("[Q2] a private token of Halley is refused with AUTH=jwt", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const { privateToken } = await chat.test.hub.signIn("alice");

  await expectRefusal(fetchSession(chat, privateToken), 401, "not_signed_in");
});

for (
  const [name, shown] of [
    ["a".repeat(70), /^a{64}$/],
    ["Ali\u200ece", /^Alice$/],
    ["a\nb", /^a b$/],
    ["", /^User [\w-]{4}$/],
    [undefined, /^User [\w-]{4}$/],
    [null, /^User [\w-]{4}$/],
    [42, /^User [\w-]{4}$/],
  ] as const
) {
  Deno.test(`[Q19] a token is accepted whose name is ${JSON.stringify(name)}`, async () => {
    await using chat = await Chat.open({ jwt: JWT });
    const token = await tokenFor({ name });

    for (let time = 0; time < 2; time++) {
      const { displayName } = await (await fetchSession(chat, token)).json();
      assertMatch(displayName, shown);
    }
  });
}
