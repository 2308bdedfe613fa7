import { assertEquals } from "@std/assert";
import { AdminPage, KEY_SETTINGS, sayHello } from "./admin_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

Deno.test(
  "[J9] the trace of a message shows who received it, the trace of a session what its tabs did",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = await sayHello(chat);
    const admin = await AdminPage.signIn(chat);
    const field = admin.field("Message ID or public token");

    await field.fill("1");
    await field.press("Enter");
    const readers = admin.page.locator(".reader summary");
    const token = await bob.publicToken();
    await readers.filter({ hasText: token }).filter({ hasText: "received" }).waitFor();

    await admin.button("Trace alice").click();
    await admin.page.getByRole("group", { name: await alice.publicToken() }).waitFor();
    await assertSoon(() => field.inputValue(), await alice.publicToken());

    await field.fill("999");
    await field.press("Enter");
    await admin.page.getByText("There is no message 999").waitFor();
  }, KEY_SETTINGS),
);

Deno.test(
  "[J27] the trace of a message sums up first, and shows the events of a reader who is opened",
  withChat(async (chat) => {
    await sayHello(chat);
    const admin = await AdminPage.signIn(chat);
    await admin.field("Message ID or public token").fill("1");

    await admin.button("Look up").click();
    const sums = admin.page.locator(".sums li");
    await assertSoon(() => sums.allTextContents(), [
      ...["2 received it", "0 waiting for it", "0 disconnected"],
    ]);
    const bob = admin.page.locator(".reader").filter({ hasText: "bob" });
    await assertSoon(() => bob.getByText("answered").first().isVisible(), false);
    await bob.locator("summary").press("Enter");

    await bob.getByRole("cell", { name: "answered" }).first().waitFor();
    assertEquals(await accessibilityViolations(admin.page), []);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J27] the trace of a session sums up what its tabs did",
  withChat(async (chat) => {
    const [, bob] = await sayHello(chat);
    const admin = await AdminPage.signIn(chat);

    await admin.button("Trace bob").click();

    await admin.page.locator(".sums").getByText("1 tabs").waitFor();
    await admin.page.locator(".sums").getByText("1 messages sent").waitFor();
    await admin.page.getByRole("group", { name: await bob.publicToken() }).waitFor();
  }, KEY_SETTINGS),
);
