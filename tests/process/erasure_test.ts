import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Erasure } from "../../server/protocol/admin_replies.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const KEY = "the-key-for-administering";

/** Number of messages of each person: their erasure takes seconds, since a server can take one to be ready again. */
const COUNT = 3_000;

/** Number of times that the server is killed during the erasure. */
const KILLS = 4;

async function admin(url: string, method: string, path: string): Promise<Response> {
  return await fetch(`${url}/api${path}`, { method, headers: { authorization: `Bearer ${KEY}` } });
}

async function sendAll(user: RemoteUser): Promise<void> {
  for (let n = 0; n < COUNT; n += 50) {
    const texts = Array.from({ length: 50 }, (_, i) => `${user.displayName} ${n + i}`);
    await Promise.all(
      texts.map(async (text) => await (await user.say("room:tea", text)).body?.cancel()),
    );
  }
}

/** The ids of the messages whose deletion a reader receives. */
async function deletedSince(user: RemoteUser, from: string): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let cursor = from;;) {
    const reply = await user.poll({ cursor, channels: ["room:tea"], hold: 0 });
    for (const { message } of reply.changes ?? []) ids.push(message.id);
    if (reply.cursor === cursor) return ids;
    assertEquals(reply.gap, false);
    cursor = reply.cursor;
  }
}

/** The texts of the room, oldest first. */
async function exported(url: string): Promise<readonly string[]> {
  const lines = (await (await admin(url, "GET", "/export?room=tea")).text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).flatMap(({ message }) => message?.text ?? []);
}

for (const more of [{}, { WORKERS: "2" }]) {
  const title = Object.keys(more).length === 0 ? "" : " (with two workers)";
  Deno.test(`[M52] an erasure is finished after kill -9 in the middle, and nothing else is lost${title}`, async () => {
    using folder = TestFolder.make();
    await using halley = await RestartableServer.start({
      ...{ STORE: `sqlite:${join(folder.path, "tea.db")}`, API_KEYS: `boss:admin:${KEY}`, ...more },
      INTERVAL_TIME: "500",
    });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice-to-erase"), await chat.signIn("bob")];
    await Promise.all([sendAll(alice), sendAll(bob)]);
    const { cursor } = await bob.poll({ channels: ["room:tea"] });
    const get = async (): Promise<Erasure> =>
      await (await admin(halley.url, "GET", `/erasures/${alice.publicToken}`)).json();

    const begun = await admin(halley.url, "DELETE", `/sessions/${alice.publicToken}?erase=true`);
    assertEquals(begun.status, 202);
    await begun.body?.cancel();
    for (let kill = 1; kill <= KILLS; kill++) {
      await waitUntil(async () => (await get()).erased >= kill * COUNT / 10, "some are erased");
      await halley.kill();
      await halley.restart();
      assertEquals((await get()).state, "running");
    }
    await waitUntil(async () => (await get()).state === "done", "the erasure is done");
    assertEquals((await get()).erased, COUNT);

    const own = Array.from({ length: COUNT }, (_, n) => `bob ${n}`);
    assertEquals((await exported(halley.url)).toSorted(), own.toSorted());
    const deleted = await deletedSince(bob, cursor);
    assertEquals(deleted.length, COUNT);
    assertEquals(new Set(deleted).size, COUNT);
    assertEquals((await alice.request("GET", "/api/session")).status, 401);
    const files = ["tea.db", "tea.db-wal"].map((name) => join(folder.path, name));
    await waitUntil(async () => {
      const contents = await Promise.all(files.map((file) => Deno.readFile(file)));
      return contents.every((bytes) =>
        !new TextDecoder("latin1").decode(bytes).includes("alice-to-erase")
      );
    }, "no file has the name");
  });
}
