import { join } from "node:path";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { CometClient, signIn } from "../../client/comet/halley.ts";
import { assertSoon } from "../browser/assert_soon.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { areInstalled, exampleOf } from "./examples.ts";

const PAGE = "docs/CLIENT.md";

/** The URL of the server in the documentation. */
const DOCUMENTED = "http://127.0.0.1:8000";

const hasNode = await areInstalled(["node"], "The library in Node.js was");

Deno.test("[C49] the first example in CLIENT.md shows hello", async () => {
  await using server = await ExampleServer.open();
  const page = await server.openPage("first");

  await assertSoon(async () => {
    await page.getByRole("button").click();
    return await page.locator("#last").textContent();
  }, "hello");
});

Deno.test("[C49] the chat in CLIENT.md shows earlier and new messages, also after a reload", async () => {
  await using server = await ExampleServer.open();
  const bob = await server.sender("bob");
  await bob.send({ channel: "room:tea", text: "before" });
  const page = await server.openPage("chat");
  const items = () => page.locator("li").allTextContents();
  await assertSoon(items, ["bob: before"]);

  await page.getByRole("textbox").fill("<b>hello</b>");
  await page.getByRole("button", { name: "Send" }).click();
  await bob.send({ channel: "room:tea", text: "after" });
  await assertSoon(async () => (await items()).length, 3);
  const shown = (await items()).sort();
  await page.reload();
  await assertSoon(async () => (await items()).sort(), shown);

  assertEquals(shown, ["alice: <b>hello</b>", "bob: after", "bob: before"]);
  assertEquals(await page.locator("#connection").textContent(), "connected");
});

Deno.test("[C49] the program in CLIENT.md pushes messages to the page of one user", async () => {
  await using server = await ExampleServer.open();
  const page = await server.openPage("push-page");
  await page.waitForFunction(() => document.querySelector("#token")?.textContent !== "");
  const publicToken = await page.locator("#token").textContent() ?? "";

  const { stdout } = await (await server.run("push-program", [publicToken])).output();

  assertEquals(new TextDecoder().decode(stdout), "message 1\n");
  await assertSoon(() => page.locator("li").allTextContents(), ["Order 17: on its way"]);
});

Deno.test("[C49] the page in CLIENT.md with tokens of an application continues when a token expires", async () => {
  await using server = await ExampleServer.open({
    AUTH: "jwt",
    JWT_SECRET: SECRET,
    JWT_CLOCK_SKEW: "0",
  });
  const tokens = [await tokenFor({ exp: now() + 2 }), await tokenFor()];
  const page = await server.openPage("tokens", async (page) => {
    await page.route(
      `${server.url}/chat-token`,
      (route) => route.fulfill({ body: tokens.shift()! }),
    );
  });
  await assertSoon(() => page.title(), "connected");

  await assertSoon(() => Promise.resolve(tokens.length), 0);
  const bob = server.clientOf(await tokenFor({ sub: "43", name: "bob" }));
  await bob.send({ channel: "room:tea", text: "hello" });

  await assertSoon(() => page.locator("li").allTextContents(), ["hello"]);
});

Deno.test("[C49] the dashboard in CLIENT.md shows the newest values, also when it is opened later", async () => {
  await using server = await ExampleServer.open();
  const values = (page: Page) => page.locator("output").allTextContents();
  const early = await server.openPage("dashboard-page");

  await (await server.run("dashboard-program")).output();
  await assertSoon(() => values(early), ["100", "3"]);
  const late = await server.openPage("dashboard-page");

  await assertSoon(() => values(late), ["100", "3"]);
});

Deno.test("[C49] the bot in CLIENT.md answers in Deno", async () => {
  await using server = await ExampleServer.open();

  await using _bot = await server.run("deno", [], "null");

  await server.assertAnswersPing();
});

Deno.test({
  name: "[C49] the bot in CLIENT.md answers in Node.js",
  ignore: !hasNode,
  fn: async () => {
    await using server = await ExampleServer.open();
    await server.download("halley.js");
    await server.write("package.json", '{"type":"module"}');
    const path = await server.write("bot.js", await server.example("node"));

    await using _bot = new Deno.Command("node", { args: [path], stdin: "null" }).spawn();

    await server.assertAnswersPing();
  },
});

Deno.test("[C49] the reader in CLIENT.md that saves its cursor misses no message while it is stopped", async () => {
  await using server = await ExampleServer.open();
  const [alice, bob] = [
    await signIn({ url: server.url, displayName: "alice" }),
    await server.sender("bob"),
  ];
  {
    await using _reader = await server.run("later", [alice.privateToken], "null");
    await assertSoon(() => server.hasFile("cursor.txt"), true);
  }

  for (const text of ["one", "two"]) await bob.send({ channel: "room:tea", text });
  await using reader = await server.run("later", [alice.privateToken]);

  let output = "";
  const decoder = new TextDecoder();
  for await (const bytes of reader.stdout) {
    output += decoder.decode(bytes);
    if (output.includes("two\n")) break;
  }
  await reader.stdout.cancel();
  assertEquals(output, "one\ntwo\n");
});

Deno.test("[C49] CLIENT.md describes every member of a client", async () => {
  const page = await Deno.readTextFile(join(import.meta.dirname!, "../..", PAGE));
  const members = Object.getOwnPropertyNames(CometClient.prototype);

  const missing = members.filter((name) => name !== "constructor" && !page.includes(`\`${name}`));

  assertEquals(missing, []);
});

/** A server, a browser and a folder for the examples. */
class ExampleServer implements AsyncDisposable {
  readonly #server: ServerProcess;
  readonly #opened: AsyncDisposableStack;

  private constructor(server: ServerProcess, opened: AsyncDisposableStack) {
    this.#server = server;
    this.#opened = opened;
  }

  static async open(settings: Record<string, string> = {}): Promise<ExampleServer> {
    const opened = new AsyncDisposableStack();
    const all = { STORE: "memory", ...settings };
    const server = opened.use(await ServerProcess.start({ settings: all }));
    return new ExampleServer(server, opened);
  }

  get url(): string {
    return this.#server.url;
  }

  async example(name: string): Promise<string> {
    return (await exampleOf(PAGE, name)).replaceAll(DOCUMENTED, this.url);
  }

  /** Opens an example as a page of the server's origin; a prompt for a name is answered with "alice". */
  async openPage(name: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const browser = this.#opened.use(await openBrowser());
    const page = await browser.newPage();
    const body = await this.example(name);
    await page.route(
      `${this.url}/example`,
      (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }),
    );
    await prepare?.(page);
    page.on("dialog", (dialog) => dialog.accept("alice"));
    await page.goto(`${this.url}/example`);
    return page;
  }

  /** Type-checks and starts an example in Deno. The caller must close its output. */
  async run(
    name: string,
    args: readonly string[] = [],
    stdout: "piped" | "null" = "piped",
  ): Promise<Deno.ChildProcess> {
    const path = await this.write(`${name}.ts`, await this.example(name));
    const flags = ["--quiet", "--check", "--no-config", "--no-lock", "--reload", "--allow-import"];
    const rights = ["--allow-net", "--allow-read", "--allow-write"];
    return new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, ...rights, path, ...args],
      cwd: this.#server.folder,
      stdin: "null",
      stdout,
    }).spawn();
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.#server.folder, name);
    await Deno.writeTextFile(path, text);
    return path;
  }

  async download(name: string): Promise<void> {
    await this.write(name, await (await fetch(`${this.url}/${name}`)).text());
  }

  async hasFile(name: string): Promise<boolean> {
    const { folder } = this.#server;
    return (await Array.fromAsync(Deno.readDir(folder))).some((file) => file.name === name);
  }

  /** Signs in a user who only sends. */
  async sender(displayName: string): Promise<CometClient> {
    return this.clientOf((await signIn({ url: this.url, displayName })).privateToken);
  }

  clientOf(privateToken: string): CometClient {
    return this.#opened.use(new CometClient({ url: this.url, privateToken }));
  }

  /** Sends "ping" until someone answers "pong". */
  async assertAnswersPing(): Promise<void> {
    const alice = await this.sender("alice");
    await assertSoon(async () => {
      await alice.send({ channel: "room:tea", text: "ping" });
      const { messages } = await alice.history("room:tea");
      return messages.some(({ text }) => text === "pong");
    }, true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened[Symbol.asyncDispose]();
  }
}
