import { assertEquals } from "@std/assert";
import type { Chat } from "./chat.ts";
import { texts } from "./hub.ts";

/** Expects that two people can talk as if nothing had happened, and that no request met a defect of the server. */
export async function expectOrdinaryConversation(chat: Chat): Promise<void> {
  const [bob, carol] = [await chat.signIn("bob"), await chat.signIn("carol")];
  const { cursor } = await carol.poll({ channels: ["room:milk"] });
  const parked = carol.poll({ cursor, channels: ["room:milk"] });

  const sent = await bob.say("room:milk", "still here?");

  assertEquals(sent.status, 201);
  assertEquals(texts(await parked), ["still here?"]);
  assertEquals(chat.defects, []);
}
