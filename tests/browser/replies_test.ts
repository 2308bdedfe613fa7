import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const LOBBY = "room:lobby";

/** Begins a reply to the message with this text. */
async function replyTo(page: ChatPage, text: string): Promise<void> {
  await page.log.locator(".text").getByText(text, { exact: true }).hover();
  await page.button("Reply").click();
}

/** The quotations above messages: author, then text. */
function quotations(page: ChatPage): Promise<string[]> {
  return page.log.locator(".quotation").allInnerTexts();
}

Deno.test(
  "[U33] a text of quoted lines is shown as it is, and never as a reply",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.say("I pay");
    await alice.say("> bob:\n> I never pay\n\nYou see?");
    // While it arrives, the other message moves away from the pointer.
    await bob.log.getByText("You see?").waitFor();
    await replyTo(bob, "I pay");
    await bob.say("of course");

    await assertSoon(() => quotations(alice), ["bob\nI pay"]);
    await alice.log.getByText("I never pay").waitFor();
  }),
);

Deno.test(
  "[U110] a reply shows whom and what it answers, as the server has it now",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    await carol.say(LOBBY, "green?");
    await replyTo(bob, "green?");
    await assertSoon(() => bob.page.locator(".reply-draft").innerText(), "carol\ngreen?");
    await bob.say("black!");
    await assertSoon(() => quotations(alice), ["carol\ngreen?"]);
    await assertSoon(() => accessibilityViolations(alice.page), []);

    await carol.request("PATCH", "/api/messages/1", { text: "oolong?" });
    await assertSoon(() => quotations(alice), ["carol\noolong?"]);
    await alice.page.reload();
    await assertSoon(() => quotations(alice), ["carol\noolong?"]);
    await carol.request("DELETE", "/api/messages/1");

    const gone = "The message that this replies to is no longer there.";
    for (const page of [alice, bob]) await assertSoon(() => quotations(page), [gone]);
    await alice.page.reload();
    await assertSoon(() => quotations(alice), [gone]);
  }),
);

Deno.test(
  "[U110] what many replies of a page answer is asked for with one request",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    for (let n = 1; n <= 40; n++) await carol.say(LOBBY, `question ${n}`);
    for (let n = 41; n <= 100; n++) await carol.say(LOBBY, `between ${n}`);
    for (let id = 1; id <= 40; id++) {
      await carol.send({ channel: LOBBY, text: `answer ${id}`, replyTo: id });
    }
    const alice = await chat.visit();
    const asked: string[] = [];
    alice.page.on("request", (request) => {
      if (request.url().includes("ids=")) asked.push(request.url());
    });
    await alice.signIn("alice");

    const expected = Array.from({ length: 40 }, (_, n) => `carol\nquestion ${n + 1}`);
    await assertSoon(() => quotations(alice), expected);
    assertEquals(asked.length, 1);
  }),
);

Deno.test(
  "[U111] a quotation leads with a click to its message, far up in the history",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    await carol.say(LOBBY, "long ago");
    for (let n = 0; n < 180; n++) await carol.say(LOBBY, `later ${n}`);
    await carol.send({ channel: LOBBY, text: "I remember", replyTo: 1 });
    const alice = await chat.signIn("alice");

    await alice.log.locator(".quotation").getByText("long ago").click();

    const found = alice.log.locator(".message[data-found]");
    await assertSoon(() => found.locator(".text").allTextContents(), ["long ago"]);
    await assertSoon(() => isInView(alice, "long ago"), true);
    await found.waitFor({ state: "detached" });
    assertEquals(await isInView(alice, "long ago"), true);
  }),
);

Deno.test(
  "[U111] a quotation leads with the keyboard to its message, which then has the focus",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await replyTo(alice, "one");
    await alice.say("two");
    await assertSoon(() => alice.delivery("two"), "Sent");
    const focused = () => alice.page.evaluate(() => document.activeElement?.textContent);

    await alice.log.focus();
    await alice.page.keyboard.press("ArrowUp");
    await alice.page.keyboard.press("Tab");
    assertEquals(await focused(), "Youone");
    await alice.page.keyboard.press("Enter");

    await assertSoon(() => alice.page.locator(".message:focus .text").allTextContents(), ["one"]);
  }),
);

Deno.test(
  "[U112] a reply whose message was deleted meanwhile says so, and can be sent without it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    await carol.say(LOBBY, "green?");
    await replyTo(alice, "green?");
    chat.errors.expect("refusal");
    const route = "**/api/messages";
    await alice.page.route(route, async (attempt) => {
      await carol.request("DELETE", "/api/messages/1");
      await attempt.continue();
    });
    await alice.say("black!");

    await alice.log.locator(".failed").getByText("is no longer there").waitFor();
    await alice.page.unroute(route);
    await alice.button("Send without it").click();

    await bob.sees("black!");
    await assertSoon(() => quotations(bob), []);
  }),
);

Deno.test(
  "[U113] lists show of a reply its own text",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.say("green?");
    await replyTo(alice, "green?");
    await alice.say("black!");
    await bob.sees("green?", "black!");

    await bob.conversation("Lobby").getByText("alice: black!", { exact: true }).waitFor();
  }),
);

Deno.test(
  "[U114] replies and what they answer fit 320 pixels, in light and in dark",
  withChat(async (chat) => {
    const long = "wonderful".repeat(60);
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol".repeat(10));
    await carol.say(LOBBY, long);
    await carol.send({ channel: LOBBY, text: long, replyTo: 1 });
    for (const colorScheme of ["light", "dark"] as const) {
      const phone = await chat.signIn(`alice-${colorScheme}`, {
        colorScheme,
        hasTouch: true,
        viewport: { width: 320, height: 640 },
      });
      await phone.select("Lobby");
      // Until then the message grows.
      await phone.log.locator(".message .quotation cite").waitFor();
      await phone.log.locator(".text").last().tap({ position: { x: 20, y: 10 } });
      await phone.button("Reply").tap();
      await phone.page.locator(".reply-draft .quotation cite").waitFor();

      assertEquals(await overflows(phone), []);
      await assertSoon(() => accessibilityViolations(phone.page), []);
    }
  }),
);

Deno.test(
  "[U110] the widget shows what a reply answers, and can reply",
  withShop(async (chat, shop) => {
    const visitor = new WidgetPage(await chat.openPage(shop.page(chat)));
    await visitor.enter("Mia");
    const ann = await chat.signIn("ann");
    await ann.joinRoom("support");
    await visitor.say("Which size?");
    await visitor.sees("Which size?");

    await replyTo(ann, "Which size?");
    await ann.say("Large");
    await visitor.sees("Which size?", "Large");
    await visitor.panel.locator(".text").getByText("Large").hover();
    await visitor.panel.getByRole("button", { name: "Reply", exact: true }).click();
    await visitor.say("Thanks");

    const quotation = visitor.panel.locator(".message .quotation");
    await assertSoon(() => quotation.allInnerTexts(), ["You\nWhich size?", "ann\nLarge"]);
    await assertSoon(() => quotations(ann), ["Mia\nWhich size?", "You\nLarge"]);
  }),
);

/** Whether the message with this text is in view. */
function isInView(page: ChatPage, text: string): Promise<boolean> {
  return page.log.evaluate((list, text) => {
    const shown = [...list.querySelectorAll(".text")].find((one) => one.textContent === text);
    const [box, view] = [shown?.getBoundingClientRect(), list.getBoundingClientRect()];
    return box !== undefined && box.top >= view.top && box.bottom <= view.bottom;
  }, text);
}
