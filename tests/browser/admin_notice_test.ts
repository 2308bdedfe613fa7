import { assertEquals } from "@std/assert";
import { AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

Deno.test(
  "[J7] a notice to a session arrives there, and nowhere else",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const admin = await AdminPage.signIn(chat);

    await admin.button("Send a notice to alice").click();
    await admin.page.keyboard.type("Only for you.");
    await admin.button("Send").click();

    await alice.page.locator(".popup").getByText("Only for you.").waitFor();
    await assertSoon(() => bob.page.getByText("Only for you.").count(), 0);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J7] if a notice cannot be sent, the page says why and keeps the text",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const admin = await AdminPage.signIn(chat);

    await admin.choose("To", "Room", "a b");
    await admin.field("Text").fill("hello");
    await admin.button("Send").click();

    await admin.page.locator(".error-line").waitFor();
    await assertSoon(() => admin.field("Text").inputValue(), "hello");
  }, KEY_SETTINGS),
);

Deno.test(
  "[J25] a notice to everyone is sent only after a confirmation, which shows it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const admin = await AdminPage.signIn(chat);
    const dialog = admin.page.getByRole("dialog", { name: "Send this notice to everyone?" });
    await admin.field("Title").fill("Tonight");
    await admin.field("Text").fill("The server moves house.");

    await admin.button("Send…").click();
    await dialog.getByText("The server moves house.").waitFor();
    await admin.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assertEquals(await admin.field("Text").inputValue(), "The server moves house.");
    await admin.button("Send…").click();
    assertEquals(await accessibilityViolations(admin.page), []);
    await dialog.getByRole("button", { name: "Send" }).click();

    await admin.page.getByText("Sent as message 1.").waitFor();
    for (const { page } of [alice, bob]) {
      await page.locator(".popup").getByText("The server moves house.").waitFor();
    }
  }, KEY_SETTINGS),
);

Deno.test(
  "[J26] the recipient of a notice is a person who is found by name, with the keyboard alone",
  withChat(async (chat) => {
    const [alice] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const admin = await AdminPage.signIn(chat);
    const { keyboard } = admin.page;

    await admin.choose("To", "Person");
    await admin.field("To").press("Tab");
    await keyboard.type("LIC");
    const found = admin.page.getByRole("list", { name: "Find a person" }).getByRole("button");
    // The first letter alone can also be in the public token of the other person.
    await assertSoon(() => found.count(), 1);
    assertEquals(await accessibilityViolations(admin.page), []);
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await admin.field("Text").fill("Only for you.");
    await admin.button("Send").click();

    await alice.page.locator(".popup").getByText("Only for you.").waitFor();
  }, KEY_SETTINGS),
);

Deno.test(
  "[J26] the recipient is a room, and nothing is sent while it is not chosen",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const admin = await AdminPage.signIn(chat);
    await admin.field("Text").fill("Tea is ready.");
    await admin.choose("To", "Room");
    await assertSoon(() => admin.button("Send").isDisabled(), true);

    await admin.choose("To", "Room", "lobby");
    await admin.button("Send").click();

    await alice.sees("Tea is ready.");
  }, KEY_SETTINGS),
);
