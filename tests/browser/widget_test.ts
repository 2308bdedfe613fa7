import { assertEquals } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { publishNotices } from "./publish_notices.ts";
import { WidgetPage } from "./widget_page.ts";
import { type Shop, withShop } from "./shop.ts";

/** Opens the shop's page and signs in. */
async function enter(chat: BrowserChat, shop: Shop, name: string): Promise<WidgetPage> {
  const visitor = await visit(chat, shop);
  await visitor.enter(name);
  return visitor;
}

async function visit(
  chat: BrowserChat,
  shop: Shop,
  attributes = "",
  options: BrowserContextOptions = {},
): Promise<WidgetPage> {
  return new WidgetPage(await chat.openPage(shop.page(chat, attributes), options));
}

Deno.test(
  "[T1] a visitor of a page of another origin enters a name, and talks with people on Halley's page",
  withShop(async (chat, shop) => {
    const bob = await chat.signIn("bob");
    await bob.joinRoom("support");
    await bob.say("How can I help?");

    const alice = await enter(chat, shop, "alice");
    await alice.sees("How can I help?");
    await alice.say("Which telescope is for children?");

    await bob.sees("How can I help?", "Which telescope is for children?");
    await bob.say("The small one.");
    await alice.sees("How can I help?", "Which telescope is for children?", "The small one.");
    await assertSoon(() => bob.people(), ["alice", "bob"]);
  }),
);

Deno.test(
  "[T2] the session is stored by the page's origin, under a key that contains the server, and continues after a reload",
  withShop(async (chat, shop) => {
    const alice = await enter(chat, shop, "alice");
    await alice.say("hello");
    await alice.sees("hello");
    await alice.panel.getByLabel("Sent", { exact: true }).waitFor();

    await alice.page.reload();

    await alice.sees("hello");
    // The page may have been closed before it knew that the message was sent.
    await alice.panel.getByLabel("Sent", { exact: true }).waitFor();
    const keys = await alice.page.evaluate(() => Object.keys(localStorage));
    assertEquals(keys.includes(`halley.widget:${chat.url}/`), true, keys.join());
    assertEquals(keys.filter((key) => !key.startsWith("halley.")), []);
    chat.errors.expect("unauthorized");
    await alice.panel.getByRole("button", { name: "Sign out" }).click();
    await alice.nameField.waitFor();
    await alice.page.reload();
    await alice.nameField.waitFor();
  }),
);

Deno.test(
  "[T3] messages that arrive while the chat is closed are counted on its button, and are read when it is opened",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await enter(chat, shop, "alice");
    await alice.panel.getByText("No messages yet").waitFor();
    await alice.panel.getByRole("button", { name: "Close chat" }).click();
    const status = alice.widget.getByRole("status");

    await bob.say("room:support", "one");
    await assertSoon(() => status.textContent(), "1 unread");
    await alice.page.reload();
    await assertSoon(() => status.textContent(), "1 unread");
    await bob.say("room:support", "two");
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "2");
    await alice.launcher.click();

    await alice.sees("one", "two");
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "");
    await alice.page.keyboard.press("Escape");
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "");
  }),
);

Deno.test(
  "[T4] the chat can be used with the keyboard alone: the focus moves into it, and back to its button on Escape",
  withShop(async (chat, shop) => {
    const alice = await visit(chat, shop);
    const { keyboard } = alice.page;
    await alice.launcher.waitFor();
    await assertSoon(() => alice.launcher.getAttribute("aria-expanded"), "false");

    await alice.launcher.focus();
    await keyboard.press("Enter");
    await alice.panel.waitFor();
    await assertSoon(() => alice.focused(), "input");
    await keyboard.type("alice");
    await keyboard.press("Enter");
    await assertSoon(() => alice.focused(), "textarea");
    await keyboard.type("hello");
    await keyboard.press("Enter");
    await alice.sees("hello");
    await assertSoon(() => alice.launcher.getAttribute("aria-expanded"), "true");
    await keyboard.press("Escape");

    await assertSoon(() => alice.panel.count(), 0);
    await assertSoon(() => alice.focused(), "button launcher");
    await keyboard.press("Space");
    await assertSoon(() => alice.focused(), "textarea");
  }),
);

Deno.test(
  "[T5] keys that are pressed in the chat do not reach the page",
  withShop(async (chat, shop) => {
    const alice = await enter(chat, shop, "alice");
    await alice.page.evaluate(() => {
      Reflect.set(globalThis, "keys", []);
      addEventListener("keydown", ({ key }) => Reflect.get(globalThis, "keys").push(key));
    });

    await alice.composer.press("j");
    await alice.page.keyboard.press("Escape");
    await alice.page.locator("#ask").focus();
    await alice.page.keyboard.press("k");

    await assertSoon(() => alice.page.evaluate("keys"), ["k"]);
  }),
);

Deno.test(
  "[T6] with JavaScript, a page opens and closes the chat, signs in and out, and listens for events",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await visit(chat, shop);
    const events = (): Promise<unknown[]> => alice.page.evaluate("events");
    const byText = (one: unknown, other: unknown) => String(one) < String(other) ? -1 : 1;
    await alice.page.evaluate(() => {
      const events: unknown[] = [];
      Reflect.set(globalThis, "events", events);
      for (const name of ["open", "close", "unread"]) {
        document.addEventListener(`halley:${name}`, (event) => {
          events.push([name, event instanceof CustomEvent ? event.detail : undefined]);
        });
      }
      document.addEventListener("halley:message", (event) => {
        if (event instanceof CustomEvent) events.push(event.detail.text);
      });
    });
    const ask = (code: string) =>
      alice.page.evaluate(`document.querySelector("halley-widget").${code}`);

    await assertSoon(() => ask("isOpen"), false);
    await ask('signIn("alice")');
    await alice.page.waitForFunction(() =>
      Object.keys(localStorage).some((key) => key.startsWith("halley.widget:"))
    );
    await assertSoon(() => isReader(bob, "alice"), true);
    await bob.say("room:support", "hello");
    // In any order.
    await assertSoon(async () => (await events()).sort(byText), ["hello", ["unread", 1]]);
    await assertSoon(() => ask("unread"), 1);
    await ask("open()");
    await alice.sees("hello");
    await assertSoon(async () => [await ask("isOpen"), await ask("unread")], [true, 0]);
    // What was closed before it could be read would be unread again.
    await assertSoon(() => unreadOf(alice, chat.url), 0);
    await ask("toggle()");

    await assertSoon(() => alice.panel.count(), 0);
    await assertSoon(async () => (await events()).slice(2), [["open", null], ["unread", 0], [
      "close",
      null,
    ]]);
    chat.errors.expect("unauthorized");
    await ask("signOut()");
    await ask("open()");
    await alice.nameField.waitFor();
  }),
);

/** Number of messages in the room that a visitor has not read, as the server counts them. */
async function unreadOf({ page }: WidgetPage, url: string): Promise<number | undefined> {
  const stored = await page.evaluate((key) => localStorage.getItem(key), `halley.widget:${url}/`);
  const { privateToken } = JSON.parse(stored ?? "{}");
  const headers = { authorization: `Bearer ${privateToken}` };
  const { conversations } = await (await fetch(`${url}/api/conversations`, { headers })).json();
  const found = conversations.find(({ channel }: { channel: string }) =>
    channel === "room:support"
  );
  return found?.unread;
}

/** Whether a person with this name reads the room. */
async function isReader(bob: Awaited<ReturnType<RemoteChat["signIn"]>>, name: string) {
  const answer = await bob.request("GET", "/api/channels/room%3Asupport/presence");
  const { present } = await answer.json();
  return present.some(({ displayName }: { displayName: string }) => displayName === name);
}

Deno.test(
  "[T7] attributes set the title, the name, the language, the theme, the corner, and whether the chat is open",
  withShop(async (chat, shop) => {
    const attributes =
      `data-title="问我们" data-name="爱丽丝" data-lang="zh" data-theme="dark" data-position="left" data-open`;
    const alice = await visit(chat, shop, attributes, { colorScheme: "light" });

    await alice.composer.waitFor();

    await assertSoon(() => alice.panel.getAttribute("aria-label"), "问我们");
    await assertSoon(() => alice.panel.locator(".whoami strong").textContent(), "爱丽丝");
    await assertSoon(() => alice.composer.getAttribute("aria-label"), "消息");
    assertEquals(await alice.focused(), "body", "it has taken the focus");
    await assertSoon(() => alice.page.locator("html").getAttribute("lang"), "en");
    const { x } = await alice.launcher.boundingBox() ?? {};
    assertEquals(x, 20);
    const lightness = () =>
      alice.panel.evaluate((panel) => getComputedStyle(panel).backgroundColor);
    await assertSoon(() => lightness(), "rgb(20, 26, 46)");
    await alice.widget.evaluate((widget: HTMLElement) => widget.dataset.theme = "light");
    await assertSoon(() => lightness(), "rgb(255, 255, 255)");
  }),
);

Deno.test(
  "[T7] another name than that of the stored session starts another session",
  withShop(async (chat, shop) => {
    const first = await visit(chat, shop, `data-name="alice" data-open`);
    await first.composer.waitFor();
    const { page } = first;

    await page.goto(shop.page(chat, `data-name="bob" data-open`));

    await first.composer.waitFor();
    await assertSoon(() => first.panel.locator(".whoami strong").textContent(), "bob");
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[T8] axe finds no violations in the widget, in ${colorScheme}`,
    withShop(async (chat, shop) => {
      using remote = new RemoteChat(chat.url);
      const bob = await remote.signIn("bob");
      const alice = await visit(chat, shop, "", { colorScheme, reducedMotion: "reduce" });

      await alice.launcher.waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "closed");
      await alice.launcher.click();
      await alice.nameField.waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "signing in");
      await alice.enterName("alice");
      await bob.say("room:support", `See https://example.com/${"w".repeat(200)} there`);
      await alice.say("thank you");
      await assertSoon(async () => (await alice.texts()).length, 2);
      assertEquals(await accessibilityViolations(alice.page), [], "the room");
      await publishNotices(chat, { title: "Telescopes", text: "The shop closes at six" });
      await alice.panel.locator(".notice-cards").waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "a notice");
      await alice.page.keyboard.press("Escape");
      await bob.say("room:support", "more?");
      await assertSoon(() => alice.launcher.getAttribute("data-unread"), "1");
      assertEquals(await accessibilityViolations(alice.page), [], "unread");
    }),
  );
}

Deno.test(
  "[T9] on a phone the chat fills the screen, and nothing scrolls sideways",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("b".repeat(64));
    const viewport = { width: 320, height: 568 };
    const alice = await visit(chat, shop, `data-title="${"T".repeat(80)}"`, { viewport });
    await alice.enter("a".repeat(64));

    await bob.say("room:support", "w".repeat(300));
    await assertSoon(async () => (await alice.texts()).length, 1);

    // The panel opens with an animation.
    await assertSoon(() => alice.panel.boundingBox(), { x: 0, y: 0, ...viewport });
    const sticking = await alice.panel.evaluate((panel) =>
      [...panel.querySelectorAll("*:not(svg *)")].filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return element.checkVisibility() && (left < -0.5 || right > innerWidth + 0.5);
      }).map(({ tagName, className }) => `${tagName} ${className}`)
    );
    assertEquals(sticking, []);
  }),
);
