import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { REFUSAL } from "./chat_page.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const LOBBY = "room:lobby";

Deno.test(
  "[U85] an own message is edited with the mouse, and all its readers see it, marked as edited",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await alice.say("two");
    await bob.sees("one", "two");

    await alice.log.getByText("one").hover();
    await alice.button("Edit").click();
    await alice.page.getByRole("textbox", { name: "Edit message" }).fill("uno");
    await assertSoon(() => accessibilityViolations(alice.page), []);
    await alice.button("Save").click();

    for (const page of [alice, bob]) {
      await page.sees("uno", "two");
      const item = page.log.locator(".message").filter({ hasText: "uno" });
      await item.getByText("edited", { exact: true }).waitFor();
    }
    await bob.page.reload();
    await bob.sees("uno", "two");
  }),
);

Deno.test(
  "[U85] an own message is edited with the keyboard; Escape keeps it as it was",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    const { keyboard } = alice.page;
    const field = alice.page.getByRole("textbox", { name: "Edit message" });
    const open = async () => {
      await alice.log.focus();
      await keyboard.press("ArrowUp");
      while (
        await alice.page.evaluate(() => document.activeElement?.textContent?.trim()) !== "Edit"
      ) {
        await keyboard.press("Tab");
      }
      await keyboard.press("Enter");
      await field.waitFor();
    };

    await open();
    await keyboard.type(" and a half");
    await keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    await alice.sees("one");
    await open();
    await keyboard.press("Control+A");
    await keyboard.type("uno");
    await keyboard.press("Enter");

    await alice.sees("uno");
  }),
);

Deno.test(
  "[U406] what is typed into an edit stays while another conversation is selected, until it is saved or cancelled",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const field = alice.page.getByRole("textbox", { name: "Edit message" });
    const open = async () => {
      await alice.composer.press("ArrowUp");
      await field.waitFor();
    };
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    await open();
    await field.fill("one and a half");
    await alice.joinRoom("tea");

    await alice.select("Lobby");
    await assertSoon(() => field.inputValue(), "one and a half");
    await field.press("Escape");
    await alice.sees("one");
    await open();
    assertEquals(await field.inputValue(), "one");
  }),
);

Deno.test(
  "[U407] on a touch screen Enter breaks the line of an edit, and the button saves; Ctrl+Enter does so too",
  withChat(async (chat) => {
    const phone = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };
    const alice = await chat.signIn("alice", phone);
    await alice.select("Lobby");
    const field = alice.page.getByRole("textbox", { name: "Edit message" });
    const edit = async () => {
      await alice.composer.press("ArrowUp");
      await field.press("Enter");
      await field.pressSequentially("two");
    };
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");

    await edit();
    await alice.button("Save").tap();
    await alice.sees("one\ntwo");
    await edit();
    await field.press("Control+Enter");
    await alice.sees("one\ntwo\ntwo");
  }),
);

Deno.test(
  "[U425] an edit that was emptied asks whether to delete the message",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await alice.say("two");
    await assertSoon(() => alice.delivery("two"), "Sent");
    await alice.log.getByText("two").hover();
    await alice.button("Edit").click();
    const field = alice.page.getByRole("textbox", { name: "Edit message" });

    await field.fill(" ");
    await field.press("Enter");
    await alice.button("Really delete?").waitFor();
    await field.fill("three");
    await alice.button("Save").waitFor();
    await field.fill("");
    await field.press("Enter");
    await alice.button("Really delete?").click();

    await alice.sees("one");
  }),
);

Deno.test(
  "[U86] an own message is deleted after a confirmation, from all pages and lists",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await alice.say("secret");
    await bob.sees("one", "secret");

    await alice.log.getByText("secret").hover();
    await alice.button("Delete").click();
    await bob.sees("one", "secret");
    await alice.button("Really delete?").click();

    for (const page of [alice, bob]) {
      await page.sees("one");
      await assertSoon(() => page.page.getByText("secret").count(), 0);
    }
    await alice.page.reload();
    await alice.sees("one");
  }),
);

Deno.test(
  "[U87] only own messages can be changed, and not where the server does not allow it",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await bob.say(LOBBY, "from bob");
    await alice.say("own");
    await alice.sees("from bob", "own");

    for (const text of ["from bob", "own"]) {
      await alice.log.getByText(text, { exact: true }).hover();
      await alice.button("Copy").waitFor();
      await assertSoon(() => alice.button("Edit").count(), 0);
      await assertSoon(() => alice.button("Delete").count(), 0);
    }
  }, { EDIT_MINUTES: "0" }),
);

Deno.test(
  "[U87] a change that the server refuses is reported, and the message stays",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    chat.errors.expect("refusal");
    await alice.page.route("**/api/messages/*", (route) => route.fulfill(REFUSAL));

    await alice.log.getByText("one").hover();
    await alice.button("Edit").click();
    await alice.page.getByRole("textbox", { name: "Edit message" }).fill("uno");
    await alice.button("Save").click();
    await alice.page.getByRole("alert").getByText("Couldn’t change this message.").waitFor();
    await alice.sees("one");
    await alice.button("Discard").click();

    await assertSoon(() => alice.page.getByRole("alert").count(), 0);
    await alice.sees("one");
  }),
);

Deno.test(
  "[T25] the widget shows messages as they are now",
  withShop(async (chat, shop) => {
    const bob = await chat.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.launcher.click();
    await alice.enterName("alice");
    await bob.joinRoom("support");
    await bob.say("one");
    await bob.say("two");
    await alice.sees("one", "two");

    await bob.log.getByText("one").hover();
    await bob.button("Edit").click();
    await bob.page.getByRole("textbox", { name: "Edit message" }).fill("uno");
    await bob.button("Save").click();
    await alice.sees("uno", "two");
    await bob.log.getByText("two").hover();
    await bob.button("Delete").click();
    await bob.button("Really delete?").click();

    await alice.sees("uno");
    await alice.page.keyboard.press("Escape");
    await bob.say("three");
    const preview = alice.widget.locator(".preview");
    await assertSoon(() => preview.textContent(), "bobthree");
    await bob.log.getByText("three").hover();
    await bob.button("Delete").click();
    await bob.button("Really delete?").click();
    await assertSoon(() => preview.count(), 0);
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "");
  }),
);
