import { assertEquals } from "@std/assert";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { copyIn, hasCopied, isKept } from "./kept_page.ts";

/** With the worker of the page, which other tests do without: their routes do not see its requests. */
const WITH_WORKER = { serviceWorkers: "allow" } as const;

/** The browser has nothing else open, so that the next page is opened as after a start of the device. */
async function close({ page }: ChatPage): Promise<ChatPage> {
  const elsewhere = await page.context().newPage();
  await page.close();
  return new ChatPage(elsewhere);
}

Deno.test(
  "[U360] a page that is opened while the server is away shows the list and the messages that were loaded",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice", WITH_WORKER), await chat.signIn("bob")];
    await alice.openDirect("bob");
    await alice.say("between us");
    await alice.select("Lobby");
    await bob.say("hello");
    await alice.sees("hello");
    await bob.select("alice");
    await bob.say("are you there?");
    await assertSoon(() => alice.unread("bob"), "1 unread");
    await isKept(alice.page);
    await hasCopied(alice.page, "are you there?");

    const closed = await close(alice);
    await chat.kill();
    await closed.page.goto(chat.url);

    await closed.sees("hello");
    await closed.button("Retry now").first().waitFor();
    assertEquals(await closed.unread("bob"), "1 unread");
    await closed.select("bob");
    await closed.sees("between us", "are you there?");
    assertEquals(await closed.button("Jump to latest").count(), 0);
  }),
);

Deno.test(
  "[U360] [U364] a copy that lacks the newest messages is shown while the server is away, and made anew when it is back",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice", WITH_WORKER), await chat.signIn("bob")];
    await bob.say("hello");
    await alice.sees("hello");
    await bob.openDirect("alice");
    await bob.say("between us");
    await isKept(alice.page);
    await hasCopied(alice.page, "between us");
    const cursor = () => alice.page.evaluate(() => localStorage.getItem("halley.cursor"));
    const before = await cursor();
    // The page is closed before it has copied that.
    await alice.page.evaluate(() => {
      IDBDatabase.prototype.transaction = () => {
        throw new DOMException("The page is being closed");
      };
    });
    await bob.say("newest");
    await alice.page.getByText("newest").waitFor();
    await assertSoon(async () => await cursor() === before, false);

    const closed = await close(alice);
    await chat.kill();
    await closed.page.goto(chat.url);

    await closed.sees("hello");
    await chat.restart();
    await closed.select("bob");
    await closed.sees("between us", "newest");
    await hasCopied(closed.page, "newest");
    await chat.kill();
    await closed.page.reload();
    await closed.sees("between us", "newest");
  }),
);

Deno.test(
  "[U361] what is written in a page that was opened without a server is sent once, and all messages are there in order",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice", WITH_WORKER), await chat.signIn("bob")];
    await bob.say("hello");
    await alice.sees("hello");
    await isKept(alice.page);
    await hasCopied(alice.page, "hello");

    const opened = await close(alice);
    await bob.say("while nobody looked");
    await assertSoon(() => bob.delivery("while nobody looked"), "Sent");
    await chat.kill();
    await opened.page.goto(chat.url);
    await opened.sees("hello");
    await opened.say("written offline");
    await opened.sees("hello", "written offline");
    await chat.restart();

    await opened.isConnected();
    const all = ["hello", "while nobody looked", "written offline"];
    for (const page of [opened, bob]) await page.sees(...all);
    await bob.say("welcome back");
    await opened.sees(...all, "welcome back");
    await opened.page.reload();
    await opened.sees(...all, "welcome back");
  }),
);

Deno.test(
  "[U362] what others edit and delete changes in what is kept, and after signing out nothing is kept",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice", WITH_WORKER), await chat.signIn("bob")];
    await bob.say("regretted");
    await bob.say("stays");
    await alice.sees("regretted", "stays");
    await isKept(alice.page);
    await hasCopied(alice.page, "regretted");
    await alice.joinRoom("tea");
    await alice.say("in tea");
    await hasCopied(alice.page, "in tea");

    await bob.log.getByText("regretted").hover();
    await bob.button("Delete").click();
    await bob.button("Really delete?").click();
    await assertSoon(async () => (await copyIn(alice.page)).includes("regretted"), false);

    assertEquals((await copyIn(alice.page)).includes("stays"), true);
    chat.errors.expect("network");
    await chat.kill();
    await alice.signOut();
    await alice.nameField.waitFor();
    await assertSoon(() => copyIn(alice.page), "");
    await alice.page.reload();
    await alice.nameField.waitFor();
    assertEquals(await alice.page.getByText("stays").count(), 0);
  }),
);

Deno.test(
  "[U363] neither the copy of messages nor the cache of files contains the private token",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", WITH_WORKER);
    await alice.say("hello");
    await isKept(alice.page);
    await hasCopied(alice.page, "hello");

    const token = await alice.page.evaluate(() =>
      JSON.parse(localStorage.getItem("halley.session") ?? "{}").privateToken
    );
    const files = await alice.page.evaluate(async () => {
      const texts: string[] = [];
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          texts.push(request.url, await (await cache.match(request))?.text() ?? "");
        }
      }
      return texts.join();
    });

    assertEquals([token.length, files.length > 100_000], [32, true]);
    assertEquals((await copyIn(alice.page) + files).includes(token), false);
  }),
);

Deno.test(
  "[U364] what a page cannot continue from is removed when the server answers, and so is a room that is closed to the person",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice", WITH_WORKER), await chat.signIn("bob")];
    await bob.say("regretted");
    await alice.sees("regretted");
    await hasCopied(alice.page, "regretted");
    await alice.joinRoom("tea");
    await alice.say("in tea");
    await hasCopied(alice.page, "in tea");
    await alice.page.goto(`${chat.url}/live`);
    await alice.page.evaluate(() => localStorage.removeItem("halley.cursor"));
    await bob.log.getByText("regretted").hover();
    await bob.button("Delete").click();
    await bob.button("Really delete?").click();
    await bob.sees();

    await alice.page.goto(`${chat.url}/#room:tea`);

    await alice.sees("in tea");
    await assertSoon(async () => (await copyIn(alice.page)).includes("regretted"), false);
    await hasCopied(alice.page, "in tea");
    await chat.kill();
    chat.errors.expect("refusal");
    await chat.restart({ GUEST_READ: "room:lobby" });
    await assertSoon(async () => (await copyIn(alice.page)).includes("in tea"), false);
  }),
);
