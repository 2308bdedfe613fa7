import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import manifest from "../../deno.json" with { type: "json" };
import type { PollRequest } from "../../server/protocol/requests.ts";
import { FROM_SOURCES, runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { parkPoll, RemoteChat, type RemoteUser } from "../support/remote_chat.ts";

const ROOT = join(import.meta.dirname!, "../..");

Deno.test("[O9] the executable serves the page and the chat from an empty folder", async (t) => {
  using folder = TestFolder.make();
  const executable = await compile(join(folder.path, "halley"));
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, ignore: executable === undefined, fn });
  const command = [executable ?? ""];

  await step("it starts in an empty folder", async () => {
    const start = performance.now();
    await using halley = await ServerProcess.start({ command, settings: { STORE: "memory" } });
    const took = Math.round(performance.now() - start);
    const { size } = await Deno.stat(command.join());

    console.log(`The executable has ${Math.round(size / 1e6)} MB and listens after ${took} ms.`);
    assertEquals(await namesIn(halley.folder), []);
  });

  await step("it serves the page, and every file that the page refers to", async () => {
    await using halley = await ServerProcess.start({ command });
    using chat = new RemoteChat(halley.url);

    const page = await (await chat.request("GET", "/")).text();

    const paths = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => `/${path}`);
    assertEquals(paths.some((path) => path.endsWith(".js")), true, page);
    for (const path of paths) {
      assertEquals((await chat.request("GET", path)).status, 200, path);
    }
  });

  await step(
    "it serves the client library and the description of the API as they were built",
    async () => {
      await using halley = await ServerProcess.start({ command });
      using chat = new RemoteChat(halley.url);

      const library = await chat.request("GET", "/halley.js");

      assertEquals(library.status, 200);
      assertEquals(
        await library.text(),
        await Deno.readTextFile(join(ROOT, "static/built/halley.js")),
      );
      assertEquals(
        await (await chat.request("GET", "/openapi.json")).text(),
        await Deno.readTextFile(join(ROOT, "static/openapi.json")),
      );
    },
  );

  await step("it serves the chat, and stores it in the folder where it was started", async () => {
    await using halley = await ServerProcess.start({ command });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();

    await alice.say("room:tea", "hello");

    const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
    assertEquals(messages.map(({ text }) => text), ["hello"]);
    assertEquals((await Deno.stat(join(halley.folder, "data/halley.db"))).isFile, true);
  });

  await step("[Z9] with several workers, a message wakes the readers of all", async () => {
    await using halley = await ServerProcess.start({
      command,
      settings: { WORKERS: "2", LOG_LEVEL: "debug" },
    });
    using stack = new DisposableStack();
    const clients = Array.from({ length: 16 }, () => stack.use(new RemoteChat(halley.url)));
    const alice = await clients[0]!.signIn("alice");
    const users = clients.map((client) => client.user(alice));

    for (const [n, user] of users.entries()) {
      const { cursor } = await user.poll({ tab: "t" });
      const poll = user.poll({ tab: "t", cursor, channels: ["room:tea"], turn: n });
      await users[(n + 1) % 16]!.say("room:tea", `${n}`);
      assertEquals((await poll).messages.map(({ text }) => text), [`${n}`]);
    }

    const workers = halley.output.match(/"worker":[12],"method":"POST","route":"\/api\/poll"/g);
    assertEquals(new Set(workers).size, 2);
  });

  await step("it reads .env in the working directory", async () => {
    await using halley = await ServerProcess.start({
      command,
      files: { ".env": "STORE=sqlite:tea.db\n" },
    });

    assertEquals((await namesIn(halley.folder)).includes("tea.db"), true);
  });

  await step(
    "it reads the .env beside it; the one in the working directory takes precedence",
    async () => {
      await Deno.writeTextFile(join(folder.path, ".env"), "STORE=sqlite:beside.db\n");
      await using halley = await ServerProcess.start({ command });
      await using other = await ServerProcess.start({
        command,
        files: { ".env": "STORE=sqlite:tea.db\n" },
      });

      assertEquals((await namesIn(halley.folder)).includes("beside.db"), true);
      assertEquals((await namesIn(other.folder)).includes("tea.db"), true);
      assertEquals((await namesIn(other.folder)).includes("beside.db"), false);
    },
  );

  await step("it reads notices from a database", async () => {
    const settings = { HAS_DB: "Y", NOTICES_DB: "sqlite:shop.db", NOTICES_FROM: "start" };
    using shop = TestFolder.make();
    const { path } = shop;
    await runToEnd({ command, folder: path, settings, args: ["notices", "init", "--create"] });
    using database = new DatabaseSync(join(path, "shop.db"));
    database.exec("INSERT INTO system_messages (body) VALUES ('hello')");
    await using halley = await ServerProcess.start({ command, folder: path, settings });
    using chat = new RemoteChat(halley.url);
    const alice = await chat.signIn("alice");

    const address = "/api/channels/notice/messages";
    const hasArrived = async () =>
      (await (await alice.request("GET", address)).json()).messages.length === 1;

    await waitUntil(hasArrived, "the notice has arrived");
  });

  await step("it prints its version", async () => {
    const { code, stdout } = await runToEnd({ command, args: ["--version"] });

    assertEquals({ code, stdout }, { code: 0, stdout: `${manifest.version}\n` });
  });

  await step("[O66] it writes only events to the standard error", async () => {
    assertEvents(await logOf(command));
  });

  await step("SIGTERM stops it with status 0", async () => {
    await using halley = await ServerProcess.start({ command, settings: { DRAIN_DELAY: "0" } });

    halley.kill("SIGTERM");

    assertEquals((await halley.ended()).code, 0);
  });
});

Deno.test("[O66] a server that runs from its sources writes only events to the standard error", async () => {
  assertEvents(await logOf(FROM_SOURCES));
});

for (const separator of [[], ["--"]]) {
  const flags = [...separator, "--target", "nowhere"];

  Deno.test(`[O67] \`deno task compile ${flags.join(" ")}\` passes its flags to deno compile`, async () => {
    using folder = TestFolder.make();
    const output = join(folder.path, "halley");

    const { code, stderr } = await runTask(["compile", "--output", output, ...flags]);

    assertNotEquals(code, 0);
    assertMatch(stderr, /invalid value 'nowhere' for '--target'/);
    assertEquals(await namesIn(folder.path), []);
  });
}

function assertEvents(log: string): void {
  const lines = log.trimEnd().split("\n");
  assertEquals(lines.filter((line) => !isEvent(line)), []);
  assertMatch(log, /"event":"stopped"/);
}

function isEvent(line: string): boolean {
  try {
    const { at, level, event } = JSON.parse(line);
    return [at, level, event].every((value) => typeof value === "string");
  } catch {
    return false;
  }
}

/**
 * Makes the executable with `deno task compile`, at `output`. Without access to the runtime that `deno compile` embeds,
 * it prints so and returns undefined.
 */
async function compile(output: string): Promise<string | undefined> {
  const { code, stderr } = await runTask(["compile", "--output", output]);
  if (code === 0) return output;
  if (!NO_RUNTIME.test(stderr)) throw new Error(stderr);
  console.error(`
!!! The executable was NOT tested: \`deno compile\` could not download the runtime that it embeds.
!!! Allow access to dl.deno.land, or name a runtime in DENORT_BIN, and run this test again.

${stderr}`);
  return undefined;
}

/** What `deno compile` prints when its download fails. */
const NO_RUNTIME =
  /Setting up base binary|error sending request for url \(https:\/\/dl\.deno\.land/;

async function runTask(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Lets a server answer a poll and lose a reader, stops it, and returns all that it wrote to the standard error. */
async function logOf(command: readonly string[]): Promise<string> {
  const settings = { STORE: "memory", LOG_LEVEL: "debug", DRAIN_DELAY: "0" };
  await using halley = await ServerProcess.start({ command, settings });
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  const { reply } = await parkPoll(bob, "room:tea");
  await alice.say("room:tea", "hello");
  const { cursor } = await reply;
  await leaveWhileParked(chat, bob, { cursor, channels: ["room:milk"] });

  halley.kill("SIGTERM");
  return (await halley.ended()).stderr;
}

async function leaveWhileParked(chat: RemoteChat, user: RemoteUser, request: PollRequest) {
  {
    using leaving = new RemoteChat(chat.url);
    leaving.user(user).poll(request).catch(() => {});
    await waitUntil(async () => await chat.parked() === 1, "the poll is parked");
  }
  await waitUntil(async () => await chat.parked() === 0, "the poll has ended");
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}
