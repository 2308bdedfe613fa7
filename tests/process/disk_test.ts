import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { HistoryReply } from "../../server/protocol/replies.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";

const KIBIBYTES = 1_024;
const canMount = canMountDisk();
const LARGE = "a".repeat(8_000);

/** Sends until the store rejects a message. Returns the ids of the messages that it accepted. */
async function fill(user: RemoteUser): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < 1_000; n++) {
    const response = await user.say("room:tea", LARGE);
    if (response.status !== 201) {
      const { status, code } = await response.json();
      assertEquals([status, code], [500, "store_unavailable"]);
      assert(response.headers.has("retry-after"));
      return ids;
    }
    ids.push((await response.json()).id);
  }
  throw new Error("The disk did not become full");
}

async function isReady({ url }: ServerProcess): Promise<boolean> {
  const response = await fetch(`${url}/ready`);
  await response.body?.cancel();
  return response.ok;
}

function canMountDisk(): boolean {
  using disk = SmallDisk.mount(KIBIBYTES);
  if (disk === undefined) {
    console.error("\n!!! A full disk was NOT tested: mounting a tmpfs needs root.\n");
  }
  return disk !== undefined;
}

/** Needs root, to mount a tmpfs. Otherwise the test is ignored. */
function testOnSmallDisk(name: string, run: (disk: SmallDisk) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canMount,
    fn: async () => {
      using disk = SmallDisk.mount(KIBIBYTES);
      if (disk === undefined) throw new Error("Cannot mount a tmpfs");
      await run(disk);
    },
  });
}

async function newest(user: RemoteUser): Promise<HistoryReply> {
  return await (await user.request("GET", "/api/channels/room:tea/messages?limit=100")).json();
}

testOnSmallDisk(
  "[O16] on a full disk sends are rejected and reads work; sends work again when there is space",
  async (disk) => {
    const ballast = join(disk.path, "ballast");
    await Deno.writeFile(ballast, new Uint8Array(400 * 1024));
    const settings = { STORE: `sqlite:${join(disk.path, "halley.db")}`, LIMITS: "off" };
    await using halley = await ServerProcess.start({ settings });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll({ channels: ["room:tea"] });

    const accepted = await fill(alice);
    const rejected = await alice.say("room:tea", `${LARGE}rejected`);
    assertEquals(rejected.status, 500);
    assertEquals(await isReady(halley), false);
    const read = await bob.poll({ channels: ["room:tea"], cursor });
    assertEquals(read.messages.map(({ id }) => id), accepted.slice(0, read.messages.length));
    assert(read.messages.length > 0);
    assertEquals((await newest(alice)).messages[0]?.id, accepted.at(-1));

    await Deno.remove(ballast);
    await waitUntil(() => isReady(halley), "the server is ready by itself");
    const after = await alice.say("room:tea", "there is space again");
    assertEquals(after.status, 201);

    const { id } = await after.json();
    assertEquals(id, (accepted.at(-1) ?? 0) + 1);
    const { messages } = await newest(bob);
    assertEquals(messages.slice(0, 2).map(({ id }) => id), [id, accepted.at(-1)]);
    assertEquals(messages.some(({ text }) => text?.endsWith("rejected")), false);
  },
);

testOnSmallDisk(
  "[O16] a message that was rejected because of a full disk does not appear after a crash",
  async (disk) => {
    const ballast = join(disk.path, "ballast");
    await Deno.writeFile(ballast, new Uint8Array(400 * 1024));
    const settings = { STORE: `sqlite:${join(disk.path, "halley.db")}`, LIMITS: "off" };
    let accepted: number[];
    {
      await using halley = await ServerProcess.start({ settings });
      using chat = new RemoteChat(halley.url);
      const alice = await chat.signIn("alice");
      accepted = await fill(alice);
      halley.kill("SIGKILL");
    }
    await Deno.remove(ballast);

    await using halley = await ServerProcess.start({ settings });
    using chat = new RemoteChat(halley.url);
    const { messages } = await newest(await chat.signIn("bob"));

    assertEquals(messages.map(({ id }) => id), accepted.toReversed().slice(0, 100));
  },
);

testOnSmallDisk(
  "[O4] with a read-only disk the server fails to start, with a message of one line",
  async (disk) => {
    const remount = { args: ["-o", "remount,ro", disk.path] };
    assert((await new Deno.Command("mount", remount).output()).success);
    const settings = { STORE: `sqlite:${join(disk.path, "halley.db")}`, LIMITS: "off" };

    await using halley = await ServerProcess.spawn({ settings });
    const { code, stderr } = await halley.ended();

    assertEquals(code, 1);
    assertStringIncludes(stderr, "Read-only file system");
    assertEquals(stderr.trim().split("\n").length, 1);
  },
);
