import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Message } from "../../server/protocol/message.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";

/** Number of messages that each user sends. */
const COUNT = 40;

Deno.test("[F30] two processes with one Deno KV database lose no message when one is killed and restarted", async () => {
  using folder = TestFolder.make();
  const settings = { STORE: `kv:${join(folder.path, "tea.kv")}` };
  await using left = await RestartableServer.start(settings);
  await using right = await RestartableServer.start(settings);
  using leftChat = new RemoteChat(left.url);
  using rightChat = new RemoteChat(right.url);
  const [alice, carol] = [await leftChat.signIn("alice"), await rightChat.signIn("carol")];
  const bob = await rightChat.signIn("bob");
  const reading = readAll(bob, (await bob.poll()).cursor, 2 * COUNT);
  const sent: Message[] = [];

  const sending = [sendAll(alice, sent), sendAll(carol, sent)];
  await waitUntil(() => sent.length > COUNT / 2, "messages are sent");
  await left.kill();
  await left.restart();
  await Promise.all(sending);

  const read = await reading;
  assertEquals(read, sent.toSorted((one, other) => one.id - other.id));
  assertEquals(new Set(read.map(({ text }) => text)).size, 2 * COUNT);
});

/** Sends messages in sequence, each with retries until it is acknowledged. */
async function sendAll(user: RemoteUser, sent: Message[]): Promise<void> {
  for (let n = 0; n < COUNT; n++) {
    const message = { channel: "room:tea", text: `${user.displayName} ${n}`, key: `${n}` };
    await waitUntil(async () => {
      const response = await user.send(message).catch(() => undefined);
      if (response === undefined || response.status >= 500) return false;
      sent.push(await response.json());
      return true;
    }, "the message is acknowledged");
  }
}

async function readAll(user: RemoteUser, from: string, count: number): Promise<Message[]> {
  const read: Message[] = [];
  for (let cursor = from; read.length < count;) {
    const reply = await user.poll({ cursor, channels: ["room:tea"] });
    read.push(...reply.messages);
    cursor = reply.cursor;
  }
  return read;
}
