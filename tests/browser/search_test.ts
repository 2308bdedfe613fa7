import { assertEquals } from "@std/assert";
import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../server/protocol/refusal.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

const LOBBY = "room:lobby";

/** More than the page loads at once. */
const MANY = 120;

const panel = ({ page }: ChatPage) => page.getByRole("search", { name: "Search messages" });
const field = ({ page }: ChatPage) => page.getByRole("searchbox", { name: "Search messages" });
const hits = (alice: ChatPage) => panel(alice).locator(".hit");
const status = (alice: ChatPage) => panel(alice).getByRole("status").textContent();

/** The excerpts of what was found, with the marked words in brackets. */
function excerpts(alice: ChatPage): Promise<string[]> {
  return hits(alice).locator(".excerpt").evaluateAll((all) =>
    all.map((one) =>
      [...one.childNodes].map((node) =>
        node.nodeName === "MARK" ? `[${node.textContent}]` : node.textContent
      ).join("")
    )
  );
}

/** The text of the message that is highlighted. */
function highlighted({ log }: ChatPage, text: string): Promise<void> {
  return log.locator("[data-found]").getByText(text, { exact: true }).waitFor();
}

function focusedText({ page }: ChatPage): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.querySelector(".text")?.textContent);
}

Deno.test(
  "[U340] [U341] [U342] [U344] messages are searched in a conversation or everywhere, and a result leads to its message while the search stays open",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say(LOBBY, "green tea & <b>cake</b>");
    for (let n = 0; n < MANY; n++) await bob.say(LOBBY, `filler ${n}`);
    await bob.say("room:kitchen", "去东京喝 TEA");
    const alice = await chat.signIn("alice");
    const loaded: string[] = [];
    alice.page.on("request", (request) => loaded.push(new URL(request.url()).pathname));

    await alice.log.getByText("filler 119").waitFor();
    assertEquals(loaded.filter((path) => path.includes("search")), []);
    await alice.button("Search messages").click();
    await field(alice).fill("tea");
    await assertSoon(() => excerpts(alice), ["green [tea] & <b>cake</b>"]);
    await assertSoon(() => status(alice), "1 message");
    await hits(alice).click();
    await highlighted(alice, "green tea & <b>cake</b>");
    assertEquals(await focusedText(alice), "green tea & <b>cake</b>");
    await panel(alice).getByText("Everywhere").click();
    await assertSoon(() => excerpts(alice), ["去东京喝 [TEA]", "green [tea] & <b>cake</b>"]);
    assertEquals(await hits(alice).locator(".sender, .place").allTextContents(), [
      ...["bob", "kitchen"],
      ...["bob", "Lobby"],
    ]);
    assertEquals(await accessibilityViolations(alice.page), []);
    await hits(alice).first().click();

    await alice.page.getByRole("heading", { name: "kitchen" }).waitFor();
    await highlighted(alice, "去东京喝 TEA");
    assertEquals(await hits(alice).first().getAttribute("aria-current"), "true");
    await field(alice).fill("filler");
    await hits(alice).nth(29).waitFor();
    await alice.button("Show more").press("Enter");
    await hits(alice).nth(30).waitFor();
    await assertSoon(
      () => hits(alice).nth(29).evaluate((it) => it === document.activeElement),
      true,
    );
  }),
);

Deno.test(
  "[U344] the search works with the keyboard alone, and says how many messages it has found",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (const text of ["tea one", "tea two", "tea three"]) await bob.say(LOBBY, text);
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    await alice.sees("tea one", "tea two", "tea three");

    await keyboard.press("Control+Shift+f");
    await keyboard.type("tea");
    await assertSoon(() => status(alice), "3 messages");
    assertEquals(await field(alice).inputValue(), "tea");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await highlighted(alice, "tea two");
    await keyboard.press("Control+Shift+f");
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    const current = () => alice.page.evaluate(() => document.activeElement?.textContent);
    assertEquals((await current())?.includes("tea two"), true);
    await keyboard.press("Home");
    await keyboard.press("ArrowUp");
    await keyboard.type("nothing like this");
    await assertSoon(() => status(alice), "No message has these words.");
    await keyboard.press("Escape");

    await assertSoon(() => panel(alice).count(), 0);
    const button = alice.button("Search messages");
    await assertSoon(() => button.evaluate((it) => it === document.activeElement), true);
    await keyboard.press("?");
    await alice.dialog.getByRole("row", { name: "Search messages" }).waitFor();
  }),
);

Deno.test(
  "[U340] the last choice of Ctrl+K searches all messages for what was typed",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say("room:kitchen", "green tea");
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    const options = () => alice.page.getByRole("option").locator(".title").allTextContents();

    await keyboard.press("Control+k");
    await keyboard.type("green");
    await assertSoon(options, ["Join #green", "Search messages for “green”"]);
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");

    await assertSoon(() => excerpts(alice), ["[green] tea"]);
    assertEquals(await alice.page.getByRole("radio", { name: "Everywhere" }).isChecked(), true);
    await keyboard.press("Control+k");
    await keyboard.type("tea, please!");
    await assertSoon(options, ["Search messages for “tea, please!”"]);
    await keyboard.press("Enter");
    await assertSoon(() => field(alice).inputValue(), "tea, please!");
  }),
);

Deno.test(
  "[U342] [U349] on a phone, the search fits 320 pixels, takes the place of the conversation, and is there again on the way back",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("W".repeat(64));
    await bob.say(LOBBY, "green tea");
    await bob.say(LOBBY, `tea${"a".repeat(400)}`);
    for (let n = 0; n < MANY; n++) await bob.say(LOBBY, `filler ${n}`);
    const alice = await chat.signIn("alice", {
      viewport: { width: 320, height: 568 },
      hasTouch: true,
      isMobile: true,
    });
    await alice.select("Lobby");

    await alice.button("Search messages").tap();
    await field(alice).fill("tea");
    await hits(alice).nth(1).waitFor();
    await panel(alice).getByText("Filters").tap();
    assertEquals(await overflows(alice), []);
    assertEquals(await accessibilityViolations(alice.page), []);
    assertEquals(await alice.log.isVisible(), false);
    await hits(alice).nth(1).tap();
    await highlighted(alice, "green tea");
    assertEquals([await alice.log.isVisible(), await panel(alice).isVisible()], [true, false]);
    assertEquals(await overflows(alice), []);
    await alice.page.goBack();

    await panel(alice).waitFor();
    assertEquals(await hits(alice).count(), 2);
    await assertSoon(
      () => alice.page.evaluate(() => document.activeElement?.className),
      "hit",
    );
    await alice.page.reload();
    await alice.page.goBack();
    await assertSoon(() => panel(alice).count(), 0);
    await alice.page.locator(".messages, .conversations").locator("visible=true").waitFor();
  }),
);

Deno.test(
  "[U346] the search says when it has failed, and where only one conversation can be searched",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say(LOBBY, "green tea");
    const alice = await chat.signIn("alice");
    const problem = {
      status: 422,
      contentType: PROBLEM_MEDIA_TYPE,
      body: JSON.stringify({
        type: `${PROBLEM_TYPE}search_unavailable`,
        title: "Search unavailable",
        status: 422,
        detail: "This store has no index of words",
        code: "search_unavailable",
      }),
    };
    chat.errors.expect("network");
    chat.errors.expect("refusal");
    await alice.page.route(
      (url) => url.pathname.endsWith("/search") && !url.searchParams.has("channel"),
      (route) => route.fulfill(problem),
    );
    await alice.button("Search messages").click();
    await panel(alice).getByText("Everywhere").click();
    await field(alice).fill("tea");
    const alert = panel(alice).getByRole("alert");
    await alert.getByText("This server can only search one conversation at a time.").waitFor();
    await alert.getByRole("button", { name: "In Lobby" }).click();
    await assertSoon(() => excerpts(alice), ["green [tea]"]);

    await alice.page.route("**/api/search?*", (route) => route.abort());
    await field(alice).fill("green");
    await alert.getByText("Can’t reach the server.").waitFor();
    assertEquals(await excerpts(alice), []);
    await alice.page.unroute("**/api/search?*");
    await alert.getByRole("button", { name: "Try again" }).click();
    await assertSoon(() => excerpts(alice), ["[green] tea"]);
    await bob.request("DELETE", "/api/messages/1");
    await assertSoon(() => excerpts(alice), []);
  }),
);

Deno.test(
  "[U347] the options of a conversation lead to a date, and to its first message",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say(LOBBY, "the very first");
    for (let n = 0; n < MANY; n++) await bob.say(LOBBY, `filler ${n}`);
    const alice = await chat.signIn("alice");
    await alice.log.getByText("filler 119").waitFor();
    const open = async () => {
      await alice.openOptions();
      await alice.button("Jump to a date").click();
      await alice.dialog.waitFor();
    };

    await open();
    assertEquals(await accessibilityViolations(alice.page), []);
    await alice.dialog.getByRole("button", { name: "First message" }).click();
    await highlighted(alice, "the very first");
    await assertSoon(() => focusedText(alice), "the very first");
    await alice.button("Jump to latest").click();
    await open();
    await alice.dialog.getByLabel("Day").fill("2001-02-03");
    await alice.dialog.getByRole("button", { name: "Jump", exact: true }).click();
    await highlighted(alice, "the very first");
    await open();
    await alice.dialog.getByLabel("Day").fill("2999-01-01");
    await alice.page.keyboard.press("Enter");

    await alice.dialog.getByText("No message was sent on this day or later.").waitFor();
  }),
);
