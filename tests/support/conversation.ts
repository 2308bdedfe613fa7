import { assertEquals } from "@std/assert";
import type { Problem } from "../../server/protocol/refusal.ts";
import { Chat, type TestUser } from "./chat.ts";
import { texts } from "./hub.ts";
import { expectRefusal } from "./problem.ts";

/** Expects that two people can still talk, and that no request caused an internal error. */
export async function expectOrdinaryConversation(chat: Chat): Promise<void> {
  const [bob, carol] = [await chat.signIn("bob"), await chat.signIn("carol")];
  const { cursor } = await carol.poll({ channels: ["room:milk"] });
  const parked = carol.poll({ cursor, channels: ["room:milk"] });

  const sent = await bob.say("room:milk", "still here?");

  assertEquals(sent.status, 201);
  assertEquals(texts(await parked), ["still here?"]);
  assertEquals(chat.internalErrors, []);
}

/** Expects that a request of alice is refused, changes nothing and does not affect the next request. */
export async function expectHarmless(
  attempt: (alice: TestUser, chat: Chat) => Promise<Response>,
  { status, code }: { readonly status: number; readonly code: Problem["code"] },
): Promise<void> {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();

  await expectRefusal(attempt(alice, chat), status, code);

  assertEquals((await alice.poll()).cursor, cursor);
  assertEquals(chat.test.hub.parked, 0);
  await expectOrdinaryConversation(chat);
}
