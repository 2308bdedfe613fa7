import { join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { assertSoon } from "../browser/assert_soon.ts";
import { BrowserChat } from "../browser/browser_chat.ts";
import { ChatPage } from "../browser/chat_page.ts";
import { WidgetPage } from "../browser/widget_page.ts";
import { TestFolder } from "../support/test_folder.ts";
import { areInstalled, exampleOf } from "./examples.ts";

const PAGE = "docs/SUPPORT.md";

const TEAM_PASSWORD = "tea";

/** The site of the documentation, in a process of its own. */
class Site implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  #printed = "";

  constructor(file: string, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${env.SITE_PORT}`;
    this.#child = new Deno.Command("node", { args: [file], env, stdout: "piped" }).spawn();
    this.#read = this.#readAll();
  }

  /** The mails that it has sent, and the line that it is ready. */
  get lines(): readonly string[] {
    return this.#printed.trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#read;
  }

  async #readAll(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#printed += text;
    }
  }
}

Deno.test({
  name:
    `[X4] with the settings and the site in ${PAGE}, a visitor gets the answer by mail and on the site`,
  ignore: !await areInstalled(["node", "openssl"], `The site in ${PAGE} was`),
  fn: async () => {
    using reserved = new ReservedPort();
    const port = String(reserved.number);
    using folder = await TestFolder.with({
      ".env": await exampleOf(PAGE, "settings"),
      "site.mjs": await exampleOf(PAGE, "site"),
    });
    const makeSecrets = new Deno.Command("sh", {
      args: ["-c", await exampleOf(PAGE, "secrets")],
      cwd: folder.path,
    });
    assertEquals((await makeSecrets.output()).code, 0);
    const settings = Object.fromEntries(
      (await Deno.readTextFile(join(folder.path, ".env"))).trim().replaceAll(":3000", `:${port}`)
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    await using chat = await BrowserChat.open({ ...settings, UNDELIVERED_AFTER: "2000" });
    chat.errors.expect("refusal");
    await using site = new Site(join(folder.path, "site.mjs"), {
      ...settings,
      SITE_PORT: port,
      HALLEY: chat.url,
      TEAM_PASSWORD,
    });
    await assertSoon(() => Promise.resolve(site.lines[0]), "The site is ready");

    const shop = await chat.openPage(site.url);
    const visitor = new WidgetPage(shop);
    await visitor.launcher.click();
    await visitor.say("Where is my parcel?");
    const ann = new ChatPage(
      await chat.openPage(`${site.url}/team?member=Ann&password=${TEAM_PASSWORD}`),
    );
    const inbox = ann.page.getByRole("region", { name: "Inbox: support" });
    await inbox.getByText("Visitor", { exact: true }).click();
    await ann.sees("Where is my parcel?");
    await assertSoon(() => Promise.resolve(site.lines[1]), "Mail to the team: Visitor waits");
    await ann.button("Claim").click();
    await leaveAddress(chat, site, shop.context().request);
    await shop.goto("about:blank");
    await ann.say("It has left Lisbon.");

    const mail = "Mail to mia@example.com: It has left Lisbon.";
    await assertSoon(() => Promise.resolve(site.lines.slice(2)), [mail]);
    await shop.goto(`${site.url}/cups`);
    await visitor.panel.getByText("It has left Lisbon.").waitFor();
    assertEquals(site.lines.slice(2), [mail]);
  },
});

Deno.test({
  name: `[X4] the site in ${PAGE} does not start without its secrets and the password of the team`,
  ignore: !await areInstalled(["node"], `The site in ${PAGE} was`),
  fn: async () => {
    using folder = await TestFolder.with({ "site.mjs": await exampleOf(PAGE, "site") });
    const all = { JWT_SECRET: "x", WEBHOOK_SECRET: "x", TEAM_PASSWORD };

    for (const missing of Object.keys(all)) {
      const { code, stdout, stderr } = await new Deno.Command("node", {
        args: [join(folder.path, "site.mjs")],
        env: { ...all, [missing]: "" },
      }).output();

      const [printed, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals([code, printed], [1, ""]);
      assertMatch(error ?? "", new RegExp(missing));
    }
  },
});

/** The visitor fills in a form of the site. */
async function leaveAddress(
  chat: BrowserChat,
  site: Site,
  request: { get(url: string): Promise<{ text(): Promise<string> }> },
): Promise<void> {
  const token = await (await request.get(`${site.url}/chat-token`)).text();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const session = await (await fetch(`${chat.url}/api/session`, { headers })).json();
  const sent = await fetch(`${chat.url}/api/messages`, {
    method: "POST",
    headers,
    body: JSON.stringify({
      channel: `room:support-${session.publicToken}`,
      data: { name: "Mia", address: "mia@example.com", text: "Please write to me" },
    }),
  });
  await sent.body?.cancel();
  assertEquals(sent.status, 201);
}
