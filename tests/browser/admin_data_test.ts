import { assert, assertEquals } from "@std/assert";
import { AdminPage, KEY_SETTINGS, sayHello } from "./admin_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

Deno.test(
  "[J20] what is stored of a session is exported to a file",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("hello");
    const admin = await AdminPage.signIn(chat);

    await admin.button("Data of alice").click();
    const downloading = admin.page.waitForEvent("download");
    await admin.button("Export").click();
    const download = await downloading;

    assert(/^session-[\w-]{16}\.jsonl$/.test(download.suggestedFilename()));
    const lines = (await Deno.readTextFile(await download.path())).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(lines[0].session.displayName, "alice");
    assertEquals(lines.find(({ message }) => message)?.message.text, "hello");
    assertEquals(lines.at(-1), { end: true, messages: 1 });
  }, KEY_SETTINGS),
);

Deno.test(
  "[J20] an export that was cut off is reported, and so is a room that cannot be",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const admin = await AdminPage.signIn(chat);
    const alert = admin.page.locator("#data-title ~ form .error-line");

    await admin.choose("Data of", "Room", "a b");
    await admin.button("Export").click();
    await assertSoon(async () => (await alert.textContent())?.includes('"room"'), true);
    await admin.page.route(
      "**/api/export*",
      (route) => route.fulfill({ body: '{"message":{"id":1,"text":"hel' }),
    );
    await admin.choose("Data of", "Room", "tea");
    await admin.button("Export").click();

    await assertSoon(() => alert.textContent(), "The download was cut off. Try again.");
  }, KEY_SETTINGS),
);

Deno.test(
  "[J21] a person is erased after a confirmation, and the page shows when it is done",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = await sayHello(chat);
    const admin = await AdminPage.signIn(chat);
    await admin.button("Data of alice").click();

    await admin.button("Erase…").click();
    const dialog = admin.page.getByRole("dialog");
    assertEquals(await accessibilityViolations(admin.page), []);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await assertSoon(() => alice.badge.textContent(), "Connected");
    await admin.button("Erase…").click();
    await dialog.getByRole("button", { name: "Erase" }).click();

    await admin.page.getByText("done, messages erased: 1").waitFor();
    await alice.page.getByText("An administrator ended your session.").waitFor();
    await assertSoon(() => bob.page.getByText("hello").count(), 0);
    await assertSoon(() => admin.names(), ["bob"]);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J21] a room cannot be erased, nor what is not chosen yet",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat);

    for (
      const [kind, name, canErase, canExport] of [
        ["Room", "tea", false, true],
        ["User ID", "42", true, true],
        ["User ID", " ", false, false],
        ["Person", "alice", false, false],
      ] as const
    ) {
      await admin.choose("Data of", kind, name);
      await assertSoon(() => admin.button("Erase…").isEnabled(), canErase);
      await assertSoon(() => admin.button("Export").isEnabled(), canExport);
    }
  }, KEY_SETTINGS),
);

Deno.test(
  "[J22] a message whose trace is shown can be deleted",
  withChat(async (chat) => {
    const [alice, bob] = await sayHello(chat);
    const admin = await AdminPage.signIn(chat);
    await admin.field("Message ID or public token").fill("1");
    await admin.button("Look up").click();

    await admin.button("Delete message…").click();
    await admin.page.getByRole("dialog").getByRole("button", { name: "Delete message" }).click();

    await admin.page.getByText("Message 1 was deleted.").waitFor();
    for (const { page } of [alice, bob]) await assertSoon(() => page.getByText("hello").count(), 0);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J23] a message whose trace is shown can be edited, with its present text",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [, bob] = await sayHello(chat);
    const admin = await AdminPage.signIn(chat);
    const dialog = admin.page.getByRole("dialog");
    const [text, edit] = [
      dialog.getByRole("textbox"),
      dialog.getByRole("button", { name: "Edit message" }),
    ];
    await admin.field("Message ID or public token").fill("1");
    await admin.button("Look up").click();

    await admin.button("Edit message…").click();
    assertEquals(await accessibilityViolations(admin.page), []);
    assertEquals(await text.inputValue(), "hello");
    await text.fill("");
    await edit.click();
    await dialog.getByRole("alert").waitFor();
    await text.fill("hello, <b>everyone</b>");
    await edit.click();

    await admin.page.getByText("Message 1 was edited.").waitFor();
    await bob.sees("hello, <b>everyone</b>");
  }, KEY_SETTINGS),
);
