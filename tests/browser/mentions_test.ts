import { assert, assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

const LOBBY = "room:lobby";

/** The names that are offered to the composer. */
function offered({ page }: ChatPage): Promise<string[]> {
  return page.getByRole("listbox", { name: "People to mention" }).locator(".name")
    .allTextContents();
}

/** The names in the messages that are shown as mentions; of this person, with a star. */
function mentioned({ log }: ChatPage): Promise<string[]> {
  return log.locator(".mention").evaluateAll((names) =>
    names.map((name) => `${name.textContent}${name.matches("[data-self]") ? "*" : ""}`)
  );
}

Deno.test(
  "[U115] @ offers the people of the room, and the keyboard takes one",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const [zoe, carol] = [await remote.signIn("Zoë Müller"), await remote.signIn("carol")];
    await zoe.say(LOBBY, "hello");
    await carol.say(LOBBY, "hello too");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.sees("hello", "hello too");
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    const { keyboard } = alice.page;

    await alice.composer.click();
    await keyboard.type("hey @");
    await assertSoon(() => offered(alice), ["carol", "Zoë Müller", "bob"]);
    await assertSoon(() => accessibilityViolations(alice.page), []);
    await keyboard.press("ArrowDown");
    const active = await alice.composer.getAttribute("aria-activedescendant");
    assertEquals(await alice.page.locator(`#${active}`).getAttribute("aria-selected"), "true");
    await keyboard.press("Escape");
    assertEquals(await offered(alice), []);
    await keyboard.type("mul");
    await assertSoon(() => offered(alice), ["Zoë Müller"]);
    await keyboard.press("Tab");
    await keyboard.type("and @BO");
    await keyboard.press("Enter");
    assertEquals(await alice.composer.inputValue(), "hey @Zoë Müller and @bob ");
    await keyboard.press("Enter");

    await bob.sees("hello", "hello too", "hey @Zoë Müller and @bob");
    await assertSoon(() => mentioned(bob), ["@Zoë Müller", "@bob*"]);
    const expected = [zoe.publicToken, await bob.publicToken()];
    await assertSoon(() => newestMentions(zoe), expected);
  }),
);

Deno.test(
  "[U115] a name is taken by touch, of two people with one name the chosen one",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const [one, other] = [await remote.signIn("carol"), await remote.signIn("carol")];
    for (const carol of [one, other]) await carol.say(LOBBY, "hello");
    const phone = await chat.signIn("alice", {
      hasTouch: true,
      viewport: { width: 320, height: 640 },
    });
    await phone.select("Lobby");
    await phone.sees("hello", "hello");

    await phone.composer.tap();
    await phone.composer.pressSequentially("@ca");
    await assertSoon(async () => (await offered(phone)).length, 2);
    assertEquals(await overflows(phone), []);
    await phone.page.getByRole("option").last().tap();
    await phone.composer.press("Control+Enter");

    await phone.sees("hello", "hello", "@carol");
    await assertSoon(() => newestMentions(one), [one.publicToken]);
  }),
);

Deno.test(
  "[U116] a message that mentions or answers a person stands out for that person alone",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    await alice.say("one");
    await alice.say("for @bob, not for @carol");
    await bob.sees("one", "for @bob, not for @carol");
    const standOut = ({ log }: ChatPage) =>
      log.locator(".message[data-mention] .text").allTextContents();
    await assertSoon(() => standOut(bob), ["for @bob, not for @carol"]);
    assertEquals([await mentioned(bob), await standOut(alice)], [["@bob*"], []]);

    await bob.log.locator(".text").getByText("one", { exact: true }).hover();
    await bob.button("Reply").click();
    await bob.say("two");

    await assertSoon(() => standOut(alice), ["two"]);
    await assertSoon(() => accessibilityViolations(alice.page), []);
  }),
);

Deno.test(
  "[U241] messages for this person that follow one another are apart, and keep their colour under the mouse",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const mentions = [await alice.publicToken()];
    for (const text of ["@alice one", "@alice two"]) {
      await bob.send({ channel: "room:lobby", text, mentions });
    }
    await bob.say("room:lobby", "for all");
    await alice.sees("@alice one", "@alice two", "for all");
    const styles = async (text: string) => {
      const message = alice.log.locator(".message").filter({ hasText: text });
      const style = () =>
        message.evaluate((element) => {
          const { backgroundColor, boxShadow } = getComputedStyle(element);
          return { backgroundColor, boxShadow };
        });
      await alice.composer.hover();
      const { backgroundColor: calm, boxShadow } = await style();
      await message.hover();
      return { calm, hovered: (await style()).backgroundColor, boxShadow };
    };

    const [two, other] = [await styles("@alice two"), await styles("for all")];

    assert(two.boxShadow !== "none");
    assertEquals(new Set([two.calm, two.hovered, other.calm, other.hovered]).size, 4);
  }),
);

Deno.test(
  "[U117] the list counts the unread messages for a person apart from the others, until they are read",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await alice.say("who comes?");
    await assertSoon(() => alice.delivery("who comes?"), "Sent");
    await alice.select("Lobby");
    const badge = alice.conversation("tea").locator(".mention-count [aria-hidden]");

    await bob.say("room:tea", "for all");
    await assertSoon(() => alice.unread("tea"), "1 unread");
    assertEquals(await badge.count(), 0);
    const mentions = [await alice.publicToken()];
    await bob.send({ channel: "room:tea", text: "@alice", mentions });
    await assertSoon(() => badge.textContent(), "@");
    await bob.send({ channel: "room:tea", text: "me", replyTo: 1 });
    await assertSoon(() => badge.textContent(), "@2");
    await alice.page.reload();
    await assertSoon(() => badge.textContent(), "@2");
    await assertSoon(() => alice.unread("tea"), "3 unread");
    await alice.select("tea");

    await assertSoon(() => badge.count(), 0);
  }),
);

Deno.test(
  "[U118] an edit on the page mentions whom its text names",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    await carol.say(LOBBY, "hello");
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await alice.sees("hello", "one");

    await alice.log.getByText("one").hover();
    await alice.button("Edit").click();
    await alice.page.getByRole("textbox", { name: "Edit message" }).fill("one, @carol");
    await alice.button("Save").click();

    await assertSoon(() => mentioned(alice), ["@carol"]);
    await assertSoon(() => newestMentions(carol), [carol.publicToken]);
  }),
);

Deno.test(
  "[U119] a message that names somebody who has signed out is sent without a mention",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const carol = await remote.signIn("carol");
    await carol.say(LOBBY, "bye");
    const alice = await chat.signIn("alice");
    await alice.sees("bye");
    await carol.request("DELETE", "/api/session");
    chat.errors.expect("refusal");

    await alice.say("see you, @carol");

    await assertSoon(() => alice.delivery("see you"), "Sent");
    await alice.sees("bye", "see you, @carol");
    assertEquals(await mentioned(alice), []);
  }),
);

/** Whom the newest message in the lobby mentions. */
async function newestMentions(user: RemoteUser): Promise<readonly string[] | undefined> {
  const page = await user.request("GET", `/api/channels/${LOBBY}/messages?limit=1`);
  return (await page.json()).messages[0].mentions;
}
