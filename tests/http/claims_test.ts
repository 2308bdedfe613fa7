import { assertEquals } from "@std/assert";
import type { Message } from "../../server/protocol/message.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

const ROOM = "room:support-1";
const LIST = "/api/rooms?prefix=support-&all=true";

/** Bob and carol are of the team; alice has written. */
async function open() {
  const chat = await Chat.open({ jwt: JWT });
  const list = ["room:support-*"];
  const team = async (sub: string, name: string) =>
    await chat.withToken(await tokenFor({ sub, name, channels: { patterns: list, write: list } }));
  const alice = await chat.withToken(await tokenFor());
  await alice.say(ROOM, "help");
  return { chat, alice, bob: await team("43", "bob"), carol: await team("44", "carol") };
}

Deno.test("[D34] a second claim is a problem that names the first, a repeated one is not", async () => {
  const { chat, bob, carol } = await open();
  await using _ = chat;
  const claimed = { channel: ROOM, event: "claimed" } as const;

  const first = await bob.send(claimed);
  const again = await bob.send(claimed);
  const refused = await expectRefusal(carol.send(claimed), 409, "already_claimed");

  const message: Message = await first.json();
  assertEquals([first.status, message.event, message.text], [
    ...[201, "claimed", "has claimed this conversation"],
  ]);
  assertEquals([again.status, await again.json()], [200, message]);
  assertEquals(refused.detail, `bob (${bob.publicToken}) has claimed this conversation`);
});

Deno.test("[D36] an unknown event, and one with a text, are refused", async () => {
  const { chat, bob } = await open();
  await using _ = chat;
  const send = (body: unknown) => bob.request("POST", "/api/messages", body);

  for (const other of [{ event: "opened" }, { event: "closed", text: "x" }, { event: null }]) {
    await expectRefusal(send({ channel: ROOM, ...other }), 422, "invalid_request");
  }
});

Deno.test("[D38] the list of rooms is for holders of the pattern: to sessions with unread ones, to API keys with user ids", async () => {
  const { chat, alice, bob } = await open();
  await using _ = chat;
  await bob.send({ channel: ROOM, event: "claimed" });
  const key = chat.user({ publicToken: "key:t", privateToken: KEYS.admin, displayName: "t" });

  const [{ rooms }, { rooms: identified }] = await Promise.all(
    [bob, key].map(async (user) => await (await user.request("GET", LIST)).json()),
  );

  assertEquals([rooms[0].unread, rooms[0].readUpTo], [1, 0]);
  assertEquals(rooms[0].claimedBy, { publicToken: bob.publicToken, displayName: "bob" });
  assertEquals([identified[0].unread, identified[0].last.from.userId], [undefined, "42"]);
  assertEquals(identified[0].claimedBy.userId, "43");
  await expectRefusal(alice.request("GET", LIST), 403, "not_allowed");
  for (const query of ["prefix=support-", "all=true", "prefix=support&all=true", "all=yes"]) {
    await expectRefusal(bob.request("GET", `/api/rooms?${query}`), 422, "invalid_request");
  }
});
