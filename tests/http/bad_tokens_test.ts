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
  Deno.test(`[Q2] a token counts that is signed by ${alg} with the key whose public half is set`, async () => {
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

/** Tokens that must not count, by what is wrong with them; and what the refusal says. */
const BAD_TOKENS: Record<string, [token: () => Promise<string> | string, why: RegExp]> = {
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
  "of no algorithm, shouted": [() => rawToken({ alg: "NONE" }, claimsOf(), "AAAA"), /algorithm/],
  "of a stronger algorithm": [
    () => signToken(claimsOf(), inUtf8(SECRET.repeat(2)), { alg: "HS512" }),
    /algorithm/,
  ],
  "with a header that asks for more": [
    () => rawToken({ alg: "HS256", crit: ["exp"] }, claimsOf(), "AAAA"),
    /not a valid JWT/,
  ],
  "for another audience": [() => tokenFor({ aud: "mail" }), /"aud"/],
  "for no audience": [() => tokenFor({ aud: undefined }), /"aud"/],
  "of another issuer": [() => tokenFor({ iss: "https://evil.example" }), /"iss"/],
  "that is not valid yet": [() => tokenFor({ nbf: now() + 60 }), /"nbf"/],
  "that was made in the future": [() => tokenFor({ iat: now() + 60 }), /"iat"/],
  "without an end": [() => tokenFor({ exp: undefined }), /"exp"/],
  "whose end is no number": [() => tokenFor({ exp: "tomorrow" }), /"exp"/],
  "of no user": [() => tokenFor({ sub: undefined }), /"sub"/],
  "of a user whose id is too long": [() => tokenFor({ sub: "4".repeat(129) }), /"sub"/],
  "of a user whose id is a number": [() => tokenFor({ sub: 42 }), /"sub"/],
  "without a name": [() => tokenFor({ name: undefined }), /"name"/],
  "with a name that is none": [() => tokenFor({ name: "a\nb" }), /"name"/],
  "whose channels are none": [() => tokenFor({ channels: { read: ["tea"] } }), /"channels"/],
  "whose channels are a word": [() => tokenFor({ channels: "room:tea" }), /"channels"/],
  "whose channels have other rights": [
    () => tokenFor({ channels: { read: [], fly: ["*"] } }),
    /"channels.fly"/,
  ],
  "that is a word": [() => "nonsense", /not a valid JWT/],
  "that is three words": [() => "a.b.c", /not a valid JWT/],
};

for (const [what, [make, why]] of Object.entries(BAD_TOKENS)) {
  Deno.test(`[Q2] a token ${what} does not count`, async () => {
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

Deno.test("[Q2] a token that has run out is refused as such, and its end counts to the second", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  await using patient = await Chat.open({ jwt: { ...JWT, clockSkew: 30_000 } });
  const token = await tokenFor({ exp: now() - 1 });

  await expectRefusal(fetchSession(chat, token), 401, "token_expired");
  assertEquals((await fetchSession(patient, token)).status, 200);
});

Deno.test("[Q2] a public key is no secret: a token that is signed with its text does not count", async () => {
  const { pem, jwk } = await keyPair("RS256");
  const keys = parseJwtPublicKey(pem)?.keys ?? JWT.keys;
  await using chat = await Chat.open({ jwt: { ...JWT, keys } });

  for (const text of [pem, pem.trim(), JSON.stringify(jwk)]) {
    const token = await signToken(claimsOf(), inUtf8(text), { alg: "HS256" });
    await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
  }
});

Deno.test("[Q2] a private token of Halley's own counts no more beside tokens", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const { privateToken } = await chat.test.hub.signIn("alice");

  await expectRefusal(fetchSession(chat, privateToken), 401, "not_signed_in");
});
