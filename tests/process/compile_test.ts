import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import manifest from "../../deno.json" with { type: "json" };
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { RemoteChat } from "../support/remote_chat.ts";

const TOP = join(import.meta.dirname!, "../..");

Deno.test("[O9] the executable serves the page and the chat from an empty folder", async (t) => {
  using folder = TestFolder.make();
  const executable = await compile(join(folder.path, "halley"));
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, ignore: executable === undefined, fn });
  const command = [executable ?? ""];

  await step("it starts anywhere", async () => {
    const begin = performance.now();
    await using halley = await ServerProcess.start({ command, settings: { STORE: "memory" } });
    const took = Math.round(performance.now() - begin);
    const { size } = await Deno.stat(command.join());

    console.log(`The executable has ${Math.round(size / 1e6)} MB and listens after ${took} ms.`);
    assertEquals(await namesIn(halley.folder), []);
  });

  await step("it serves the page, and every file that the page refers to", async () => {
    await using halley = await ServerProcess.start({ command });
    using chat = new RemoteChat(halley.url);

    const page = await (await chat.request("GET", "/")).text();

    const paths = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? "");
    assertEquals(paths.some((path) => path.endsWith(".js")), true, page);
    for (const path of paths) {
      assertEquals((await chat.request("GET", path)).status, 200, path);
    }
  });

  await step("it serves the client library as it was built", async () => {
    await using halley = await ServerProcess.start({ command });
    using chat = new RemoteChat(halley.url);

    const library = await chat.request("GET", "/halley.js");

    assertEquals(library.status, 200);
    assertEquals(
      await library.text(),
      await Deno.readTextFile(join(TOP, "static/built/halley.js")),
    );
  });

  await step("it serves the chat, and keeps it in the folder where it was started", async () => {
    await using halley = await ServerProcess.start({ command });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();

    await alice.say("room:tea", "hello");

    const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
    assertEquals(messages.map(({ text }) => text), ["hello"]);
    assertEquals((await Deno.stat(join(halley.folder, "data/halley.db"))).isFile, true);
  });

  await step("it reads .env in the working directory", async () => {
    await using halley = await ServerProcess.start({
      command,
      files: { ".env": "STORE=sqlite:tea.db\n" },
    });

    assertEquals((await namesIn(halley.folder)).includes("tea.db"), true);
  });

  await step(
    "it reads the .env that lies beside it; that of the working directory wins",
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
    const hasCome = async () =>
      (await (await alice.request("GET", address)).json()).messages.length === 1;

    await waitUntil(hasCome, "the notice");
  });

  await step("it tells its version", async () => {
    const { code, stdout } = await runToEnd({ command, args: ["--version"] });

    assertEquals({ code, stdout }, { code: 0, stdout: `${manifest.version}\n` });
  });

  await step("it is stopped like the server from its sources", async () => {
    await using halley = await ServerProcess.start({ command, settings: { DRAIN_DELAY: "0" } });

    halley.kill("SIGTERM");

    assertEquals((await halley.ended()).code, 0);
  });
});

/**
 * Makes the executable as `deno task compile` does, but at `output`, so that nothing else that runs is disturbed.
 * Without a way to the runtime that it is made from, says so, and returns nothing.
 */
async function compile(output: string): Promise<string | undefined> {
  const [, ...args] = manifest.tasks.compile.command.replace("dist/halley", output).split(" ");
  const compiling = new Deno.Command(Deno.execPath(), { args, cwd: TOP, env: { NO_COLOR: "1" } });
  const { success, stderr } = await compiling.output();
  const said = new TextDecoder().decode(stderr);
  if (success) return output;
  if (!NO_RUNTIME.test(said)) throw new Error(`deno ${args.join(" ")}\n${said}`);
  console.error(`
!!! The executable was NOT tested: \`deno compile\` could not get the runtime that it puts into it.
!!! Give it a way to dl.deno.land, or put the runtime into Deno's cache, and run this test again.

${said}`);
  return undefined;
}

/** What `deno compile` says when its download fails. */
const NO_RUNTIME =
  /Setting up base binary|error sending request for url \(https:\/\/dl\.deno\.land/;

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}
