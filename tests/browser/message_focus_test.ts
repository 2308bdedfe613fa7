import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const LOBBY = "room:lobby";

/** What has the focus, as the beginning of its text or the name of its class. */
function focused({ page }: ChatPage): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    const text = activeElement?.querySelector(".text")?.textContent ?? activeElement?.textContent;
    return activeElement?.matches(".messages, .composer textarea")
      ? activeElement.className || "composer"
      : text?.trim().slice(0, 30) ?? "";
  });
}

Deno.test(
  "[U150] a message is announced by its author and time, then its text; continued and own ones too",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    for (const text of ["one", "two"]) await bob.say(LOBBY, text);
    await alice.sees("one", "two");
    await alice.say("three");
    await assertSoon(() => alice.delivery("three"), "Sent");

    const names = await alice.log.ariaSnapshot();

    const articles = [...names.matchAll(/article "(\w+) \d\d?:\d\d(?: [AP]M)?"/g)];
    assertEquals(articles.map(([, author]) => author), ["bob", "bob", "You"]);
    const descriptions = () =>
      alice.log.locator("article").evaluateAll((all) =>
        all.map((one) =>
          document.getElementById(one.getAttribute("aria-describedby") ?? "")
            ?.querySelector(".text")?.textContent
        )
      );
    assertEquals(await descriptions(), ["one", "two", "three"]);
    assertEquals(await alice.log.locator("article[title]").count(), 0);
  }),
);

Deno.test(
  "[U151] Tab reaches the links and actions of the message with the focus, and of no other",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const texts = ["see https://a.example/one", "see https://a.example/two"];
    for (const text of texts) await bob.say(LOBBY, text);
    await alice.sees(...texts);
    const { keyboard } = alice.page;

    await alice.log.focus();
    await keyboard.press("Tab");
    assertEquals(await focused(alice), "composer");
    await keyboard.press("Shift+Tab");
    await keyboard.press("ArrowUp");
    assertEquals(await focused(alice), texts[1]);

    const reached: string[] = [];
    for (let n = 0; n < 6; n++) {
      await keyboard.press("Tab");
      reached.push(await focused(alice));
    }
    const actions = ["Reply", "Copy", "React", "Mark unread"];
    assertEquals(reached, ["https://a.example/two", ...actions, "composer"]);
  }),
);

Deno.test(
  "[U152] when the message with the focus is deleted, the next one has it, and at the end the list",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const ids: number[] = [];
    for (const text of ["one", "two"]) {
      ids.push((await (await bob.say(LOBBY, text)).json()).id);
    }
    await alice.sees("one", "two");
    await alice.log.focus();
    for (const key of ["ArrowUp", "ArrowUp"]) await alice.page.keyboard.press(key);
    assertEquals(await focused(alice), "one");

    await bob.request("DELETE", `/api/messages/${ids[0]}`);
    await alice.sees("two");
    await assertSoon(() => focused(alice), "two");
    await bob.request("DELETE", `/api/messages/${ids[1]}`);

    await alice.sees();
    await assertSoon(() => focused(alice), "messages");
  }),
);

Deno.test(
  "[U152] when a button among the messages disappears, the list has the focus",
  withChat(async (chat) => {
    const texts = Array.from({ length: 40 }, (_, n) => `text ${n + 1}`);
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (const text of texts) await bob.say(LOBBY, text);
    const alice = await chat.signIn("alice");
    await alice.sees(...texts);
    await alice.log.evaluate((list) => list.scrollTop = 0);
    const jump = alice.button("Jump to latest");
    await jump.focus();

    await alice.page.keyboard.press("Enter");

    await jump.waitFor({ state: "detached" });
    await assertSoon(() => focused(alice), "messages");
  }),
);

Deno.test(
  "[U149] who is typing is shown, but not in a live region",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await bob.composer.pressSequentially("hello");

    const line = alice.page.getByText("bob is typing");
    await line.waitFor();
    const isLive = await line.evaluate((line) =>
      line.closest("[aria-live], [role=status], [role=log], [role=alert]") !== null
    );
    assertEquals(isLive, false);
  }),
);
