import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const LOBBY = "room:lobby";
const COUNT = 240;

/** Alice sees the newest of many messages; the last one replies to the first. Returns what the page requests of the history. */
async function openFarReply(chat: BrowserChat, remote: RemoteChat) {
  const bob = await remote.signIn("bob");
  for (let n = 1; n <= COUNT; n++) await bob.say(LOBBY, `text ${n}`);
  await bob.send({ channel: LOBBY, text: "the answer", replyTo: 1 });
  const alice = await chat.signIn("alice");
  await alice.log.locator(".quotation").getByText("text 1").waitFor();
  const requests: string[] = [];
  alice.page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith("/messages") && !search.includes("ids=")) requests.push(search);
  });
  return { alice, bob, requests };
}

async function goToFirst(alice: ChatPage): Promise<void> {
  await alice.log.locator(".quotation").click();
  await alice.log.locator("[data-found]").getByText("text 1", { exact: true }).waitFor();
}

const toLatest = (alice: ChatPage) => alice.button("Jump to latest");

/** Scrolls until the end of the list stays the end. */
async function scrollDownTo(alice: ChatPage, text: string): Promise<void> {
  await assertSoon(async () => {
    await alice.log.evaluate((log) => log.scrollTop = log.scrollHeight);
    return (await alice.texts()).at(-1);
  }, text);
}

Deno.test(
  "[U208] a reply leads to its message with two requests, however old that is, and shows what is around it",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice, requests } = await openFarReply(chat, remote);

    await goToFirst(alice);

    const focused = await alice.page.evaluate(() =>
      document.activeElement?.getAttribute("data-id")
    );
    assertEquals(focused, "1");
    assertEquals(requests.length, 2);
    assertEquals((await alice.texts()).slice(0, 3), ["text 1", "text 2", "text 3"]);
    await toLatest(alice).click();
    await assertSoon(async () => (await alice.texts()).at(-1), "the answer");
    await alice.log.getByText("the answer").waitFor();
    await assertSoon(() => toLatest(alice).count(), 0);
  }),
);

Deno.test(
  "[U209] who reads on from there comes to the newest messages, without a hole",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice, bob } = await openFarReply(chat, remote);
    await goToFirst(alice);
    await bob.request("PATCH", "/api/messages/2", { text: "changed" });
    await alice.log.getByText("changed").waitFor();
    await bob.say(LOBBY, "meanwhile");

    await scrollDownTo(alice, "meanwhile");

    const all = Array.from({ length: COUNT }, (_, n) => n === 1 ? "changed" : `text ${n + 1}`);
    assertEquals(await alice.texts(), [...all, "the answer", "meanwhile"]);
    await assertSoon(() => toLatest(alice).count(), 0);
    await bob.say(LOBBY, "and then");
    await alice.log.getByText("and then").waitFor();
  }),
);

Deno.test(
  "[U209] a message that is written there is shown among the newest ones",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice } = await openFarReply(chat, remote);
    await goToFirst(alice);

    await alice.say("here I am");

    await assertSoon(async () => (await alice.texts()).slice(-2), ["the answer", "here I am"]);
  }),
);

Deno.test(
  "[U210] a message that cannot be reached says so",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice } = await openFarReply(chat, remote);
    chat.errors.expect("network");
    const history = /\/messages\?(?!.*ids=)/;
    await alice.page.route(history, (route) => route.abort());

    await alice.log.locator(".quotation").click();

    await alice.log.getByRole("alert").getByText("Couldn’t load messages.").waitFor();
    assertEquals((await alice.texts()).at(-1), "the answer");
    await alice.page.unroute(history);
    await goToFirst(alice);
  }),
);
