import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { delay } from "../../server/base/delay.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import { ServerProcess } from "../support/server_process.ts";
import { sourceFiles } from "../support/source_files.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { RemoteChat } from "../support/remote_chat.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** Deno Deploy uses no flags except all permissions. `DEPLOY_DENO` can name another Deno, such as the version that runs there. */
const DENO = Deno.env.get("DEPLOY_DENO") ?? Deno.execPath();

/** Deno Deploy kills the process this long (ms) after SIGINT. */
const GRACE = 5_000;

function onDeploy(folder: TestFolder, settings: Record<string, string>, flags = ["--allow-all"]) {
  const command = [DENO, "run", "--no-prompt", ...flags, join(ROOT, "main.ts")];
  const everywhere = { DENO_DEPLOY: "true", HOST: "127.0.0.1", LIMITS: "off" };
  return ServerProcess.start({
    folder: folder.path,
    settings: { ...everywhere, ...settings },
    command,
  });
}

/** Stops it as Deno Deploy does. Returns how long it took, in ms. */
async function stop(halley: ServerProcess): Promise<number> {
  const start = performance.now();
  halley.kill("SIGINT");
  assertEquals((await halley.ended()).code, 0);
  return performance.now() - start;
}

Deno.test("[F34] as on Deno Deploy, without a database, the server uses memory, logs a warning, and stops in time", async () => {
  using folder = TestFolder.make();
  // Without the flag, Deno has no KV: this is the closest thing to a database that is not assigned.
  const standIn = { "@std/dotenv": `${new URL("../../links/std_dotenv/mod.ts", import.meta.url)}` };
  const { links: _links, imports, ...rest } = manifest;
  const config = join(folder.path, "deno.json");
  const without = { ...rest, imports: { ...imports, ...standIn }, unstable: [] };
  await Deno.writeTextFile(config, JSON.stringify(without));
  const permissions = ["--allow-net", "--allow-read", "--allow-env", "--allow-run", "--allow-sys"];
  const flags = [...permissions, "--deny-write", "--no-lock", "--config", config];
  await using halley = await onDeploy(folder, {}, flags);
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  assertEquals((await chat.request("GET", "/openapi.json")).status, 200);
  await alice.say("room:tea", "hello");
  assertEquals((await alice.poll({ cursor, channels: ["room:tea"] })).messages.length, 1);
  const { cursor: newest } = await alice.poll();
  const parked = alice.poll({ cursor: newest });
  await waitUntil(() => chat.parked().then((count) => count === 1), "the poll is parked");

  assert(await stop(halley) < GRACE);

  assertEquals((await parked).outcome, "timedout");
  assertMatch(halley.output, /"level":"warn","event":"memory_instead".*are in memory only/);
});

Deno.test("[F34] as on Deno Deploy, two instances share a database, polls have heartbeats, and no message is lost when instances stop", async () => {
  using folder = TestFolder.make();
  const settings = { STORE: `kv:${join(folder.path, "tea.kv")}`, POLL_HEARTBEAT: "1000" };
  await using left = await onDeploy(folder, settings);
  await using right = await onDeploy(folder, settings);
  using leftChat = new RemoteChat(left.url);
  using rightChat = new RemoteChat(right.url);
  const [alice, bob] = [await leftChat.signIn("alice"), await rightChat.signIn("bob")];
  const { cursor } = await bob.poll();
  const poll = async (from: string) => {
    const response = await bob.request("POST", "/api/poll", {
      cursor: from,
      channels: ["room:tea"],
    });
    const text = await response.text();
    return { beats: text.length - text.trimStart().length, reply: JSON.parse(text) as PollReply };
  };

  const first = poll(cursor);
  // Long enough for a heartbeat, which is visible only in the reply.
  await delay(1_200);
  await alice.say("room:tea", "one");
  const { beats, reply } = await first;
  const second = poll(reply.cursor);
  await waitUntil(() => rightChat.parked().then((count) => count === 1), "the poll is parked");
  assert(await stop(right) < GRACE);
  const last = (await second).reply;
  await alice.say("room:tea", "two");
  const moved = leftChat.user(bob);
  const after = await moved.poll({ cursor: last.cursor, channels: ["room:tea"] });

  assertEquals([beats > 0, reply.messages.map(({ text }) => text)], [true, ["one"]]);
  assertEquals([last.outcome, last.messages, last.retryAfter > 0], ["timedout", [], true]);
  assertEquals([after.gap, after.messages.map(({ text }) => text)], [false, ["two"]]);
  assert(await stop(left) < GRACE);
});

/** APIs of Deno 2.9 that Deno 2.5 does not have. Deno Deploy reports that it runs 2.5. */
const TOO_NEW = [
  /\bTemporal\./,
  /\bIterator\.concat\b/,
  /\bMath\.sumPrecise\b/,
  /\.getOrInsert(Computed)?\(/,
  /import \{[^}]*\bparseEnv\b[^}]*\} from "node:util"/,
  /import \{[^}]*\bbackup\b[^}]*\} from "node:sqlite"/,
];

Deno.test("[F35] the server uses no API that Deno 2.5 does not have", async () => {
  const files = (await sourceFiles()).filter(({ path }) => !path.startsWith("tests/"));

  const used = files.flatMap(({ path, text }) =>
    TOO_NEW.filter((word) => word.test(text)).map((word) => `${path}: ${word.source}`)
  );

  assertEquals(files.length > 100, true, "the sources are found");
  assertEquals(used, []);
});
