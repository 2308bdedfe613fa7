import { join } from "node:path";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { CometClient, signIn } from "../../client/comet/halley.ts";
import { assertSoon } from "../browser/assert_soon.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { exampleOf } from "./examples.ts";

const PAGE = "docs/CLIENT.md";

/** Where the documentation says that the server listens. */
const DOCUMENTED = "http://127.0.0.1:8000";

const hasNode = await isThere("node");
if (!hasNode) console.error("\n!!! node is missing: the library is NOT tested in Node !!!\n");

Deno.test("[C49] the first example in CLIENT.md says hello", async () => {
  await using stage = await RunContext.open();
  const page = await stage.openPage("first");

  await assertSoon(async () => {
    await page.getByRole("button").click();
    return await page.locator("#last").textContent();
  }, "hello");
});

Deno.test("[C49] the chat in CLIENT.md shows what was said, and what is, after a reload too", async () => {
  await using stage = await RunContext.open();
  const bob = await stage.speaker("bob");
  await bob.send({ channel: "room:tea", text: "before" });
  const page = await stage.openPage("chat");
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

Deno.test("[C49] the program in CLIENT.md pushes to the page of one user", async () => {
  await using stage = await RunContext.open();
  const page = await stage.openPage("push-page");
  await page.waitForFunction(() => document.querySelector("#token")?.textContent !== "");
  const publicToken = await page.locator("#token").textContent() ?? "";

  const { stdout } = await (await stage.run("push-program", [publicToken])).output();

  assertEquals(new TextDecoder().decode(stdout), "message 1\n");
  await assertSoon(() => page.locator("li").allTextContents(), ["Order 17: on its way"]);
});

Deno.test("[C49] the page in CLIENT.md with tokens of an application goes on when one has run out", async () => {
  await using stage = await RunContext.open({
    AUTH: "jwt",
    JWT_SECRET: SECRET,
    JWT_CLOCK_SKEW: "0",
  });
  const tokens = [await tokenFor({ exp: now() + 2 }), await tokenFor()];
  const page = await stage.openPage("tokens", async (page) => {
    await page.route(
      `${stage.url}/chat-token`,
      (route) => route.fulfill({ body: tokens.shift()! }),
    );
  });
  await assertSoon(() => page.title(), "connected");

  await assertSoon(() => Promise.resolve(tokens.length), 0);
  const bob = stage.clientOf(await tokenFor({ sub: "43", name: "bob" }));
  await bob.send({ channel: "room:tea", text: "hello" });

  await assertSoon(() => page.locator("li").allTextContents(), ["hello"]);
});

Deno.test("[C49] the dashboard in CLIENT.md shows the newest figures, when it is opened later too", async () => {
  await using stage = await RunContext.open();
  const figures = (page: Page) => page.locator("output").allTextContents();
  const early = await stage.openPage("dashboard-page");

  await (await stage.run("dashboard-program")).output();
  await assertSoon(() => figures(early), ["100", "3"]);
  const late = await stage.openPage("dashboard-page");

  await assertSoon(() => figures(late), ["100", "3"]);
});

Deno.test("[C49] the robot in CLIENT.md answers, in Deno", async () => {
  await using stage = await RunContext.open();

  await using _robot = await stage.run("deno", [], "null");

  await stage.answersPing();
});

Deno.test({
  name: "[C49] the robot in CLIENT.md answers, in Node",
  ignore: !hasNode,
  fn: async () => {
    await using stage = await RunContext.open();
    await stage.download("halley.js");
    await stage.write("package.json", '{"type":"module"}');
    const path = await stage.write("robot.js", await stage.example("node"));

    await using _robot = new Deno.Command("node", { args: [path], stdin: "null" }).spawn();

    await stage.answersPing();
  },
});

Deno.test("[C49] the reader in CLIENT.md that keeps its cursor misses nothing while it is away", async () => {
  await using stage = await RunContext.open();
  const [alice, bob] = [
    await signIn({ url: stage.url, displayName: "alice" }),
    await stage.speaker("bob"),
  ];
  {
    await using _reader = await stage.run("later", [alice.privateToken], "null");
    await assertSoon(() => stage.hasFile("cursor.txt"), true);
  }

  for (const text of ["one", "two"]) await bob.send({ channel: "room:tea", text });
  await using reader = await stage.run("later", [alice.privateToken]);

  let said = "";
  const decoder = new TextDecoder();
  for await (const bytes of reader.stdout) {
    said += decoder.decode(bytes);
    if (said.includes("two")) break;
  }
  await reader.stdout.cancel();
  assertEquals(said, "one\ntwo\n");
});

Deno.test("[C49] CLIENT.md names everything that a client has", async () => {
  const page = await Deno.readTextFile(join(import.meta.dirname!, "../..", PAGE));
  const members = Object.getOwnPropertyNames(CometClient.prototype);

  const missing = members.filter((name) => name !== "constructor" && !page.includes(`\`${name}`));

  assertEquals(missing, []);
});

/** A server, a browser and a folder for the examples. */
class RunContext implements AsyncDisposable {
  readonly #server: ServerProcess;
  readonly #opened: AsyncDisposableStack;

  private constructor(server: ServerProcess, opened: AsyncDisposableStack) {
    this.#server = server;
    this.#opened = opened;
  }

  static async open(settings: Record<string, string> = {}): Promise<RunContext> {
    const opened = new AsyncDisposableStack();
    const all = { STORE: "memory", ...settings };
    const server = opened.use(await ServerProcess.start({ settings: all }));
    return new RunContext(server, opened);
  }

  get url(): string {
    return this.#server.url;
  }

  async example(name: string): Promise<string> {
    return (await exampleOf(PAGE, name)).replaceAll(DOCUMENTED, this.url);
  }

  /** Shows an example on a page of the server's origin; who asks for a name gets "alice". */
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

  /** Starts an example in Deno, with its types checked; whoever reads what it says must close that. */
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

  /** Somebody who only sends. */
  async speaker(displayName: string): Promise<CometClient> {
    return this.clientOf((await signIn({ url: this.url, displayName })).privateToken);
  }

  clientOf(privateToken: string): CometClient {
    return this.#opened.use(new CometClient({ url: this.url, privateToken }));
  }

  /** Says "ping" until somebody answers "pong". */
  async answersPing(): Promise<void> {
    const alice = await this.speaker("alice");
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

async function isThere(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch {
    return false;
  }
}
