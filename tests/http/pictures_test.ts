import { assertEquals } from "@std/assert";
import { Chat, type ChatOptions } from "../support/chat.ts";
import { JWT, now, tokenFor } from "../support/tokens.ts";

const ORIGIN = "https://pictures.example";
const PICTURE = `${ORIGIN}/alice.png?size=64`;

function openChat(options: ChatOptions = {}): Promise<Chat> {
  return Chat.open({ jwt: JWT, pictureOrigins: [ORIGIN], ...options });
}

Deno.test("[Q28] a picture from a token is in the session, in messages and in presence", async () => {
  await using chat = await openChat();
  const alice = await chat.withToken(await tokenFor({ picture: PICTURE }));
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const { cursor } = await bob.poll();

  const sent = await (await alice.say("room:tea", "hello")).json();
  await alice.poll({ channels: ["room:tea"] });
  const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
  const presence = await bob.request("GET", "/api/channels/room:tea/presence");
  const session = await (await alice.request("GET", "/api/session")).json();

  const person = { publicToken: alice.publicToken, displayName: "alice", picture: PICTURE };
  assertEquals([sent.from, messages[0]?.from], [person, person]);
  const { present } = await presence.json();
  const found = present.find((one: { publicToken: string }) =>
    one.publicToken === alice.publicToken
  );
  assertEquals([found.picture, session.picture], [PICTURE, PICTURE]);
  assertEquals("picture" in bob, false);
});

Deno.test("[Q28] the newest token determines the picture", async () => {
  await using chat = await openChat();
  const at = now() - 60;
  const pictureWith = async (claims: Record<string, unknown>) => {
    const user = await chat.withToken(await tokenFor(claims));
    return (await (await user.request("GET", "/api/session")).json()).picture;
  };

  assertEquals(await pictureWith({ iat: at, picture: PICTURE }), PICTURE);
  assertEquals(await pictureWith({ iat: at + 10, picture: `${ORIGIN}/2` }), `${ORIGIN}/2`);
  assertEquals(await pictureWith({ iat: at + 5, picture: PICTURE }), `${ORIGIN}/2`);
  assertEquals(await pictureWith({ iat: at + 20 }), undefined);
});

for (
  const picture of [
    "https://other.example/alice.png",
    "https://pictures.example.evil.example/a.png",
    "https://pictures.example:8443/a.png",
    "http://pictures.example/a.png",
    "https://pictures.example@evil.example/a.png",
    "//pictures.example/a.png",
    "/alice.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    `${ORIGIN}/${"a".repeat(1_000)}`,
    42,
    null,
    { src: PICTURE },
  ]
) {
  const shown = JSON.stringify(picture).slice(0, 60);
  Deno.test(`[Q28] the picture ${shown} is left out, and the token is valid`, async () => {
    await using chat = await openChat();
    const alice = await chat.withToken(await tokenFor({ picture }));

    const session = await (await alice.request("GET", "/api/session")).json();

    assertEquals([session.displayName, "picture" in session], ["alice", false]);
  });
}

Deno.test("[Q28] without PICTURE_ORIGINS there are no pictures", async () => {
  await using chat = await openChat({ pictureOrigins: [] });
  const alice = await chat.withToken(await tokenFor({ picture: PICTURE }));

  const { from } = await (await alice.say("room:tea", "hello")).json();

  assertEquals(from, { publicToken: alice.publicToken, displayName: "alice" });
});
