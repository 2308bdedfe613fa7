import { assertEquals } from "@std/assert";
import type { BrowserContext } from "playwright-core";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

/** Ways in which a sign-out does not reach the server. */
const OUTAGES: Record<string, (context: BrowserContext) => Promise<unknown>> = {
  "the browser is offline": (context) => context.setOffline(true),
  "a gateway answers 404": (context) =>
    context.route("**/api/session", (route) => route.fulfill({ status: 404, body: "no route" })),
  "connections fail": (context) => context.route("**/api/**", (route) => route.abort()),
};

Deno.test(
  "[U15] signing out ends the session in all windows, and leaves nothing to the next user",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await bob.openDirect("alice");
    await bob.say("psst");
    await alice.select("bob");

    chat.errors.expect("unauthorized");
    await alice.signOut();

    for (const { nameField } of [alice, second]) {
      await nameField.waitFor();
      await assertSoon(() => nameField.evaluate((it) => it === document.activeElement), true);
    }
    await assertSoon(
      () => second.page.getByRole("status").textContent(),
      "You’ve been signed out. Sign in again to continue.",
    );
    await alice.signIn("carol");
    await assertSoon(() => alice.conversation("bob").count(), 0);
    await bob.page.getByText("signed out", { exact: true }).waitFor();
    await assertSoon(() => bob.people(), ["bob"]);
  }),
);

for (const [what, cutOff] of Object.entries(OUTAGES)) {
  Deno.test(
    `[U75] signing out ends the session in all windows while ${what}`,
    withChat(async (chat) => {
      for (const kind of ["network", "refusal", "unauthorized"] as const) chat.errors.expect(kind);
      const alice = await chat.signIn("alice");
      const second = await alice.secondWindow();
      const other = await chat.signIn("bob");
      await second.isConnected();
      await cutOff(alice.page.context());

      await alice.signOut();

      await alice.nameField.waitFor();
      await second.nameField.waitFor();
      assertEquals(await other.nameField.count(), 0);
      assertEquals(await second.page.evaluate(() => localStorage.getItem("halley.session")), null);
    }),
  );
}

Deno.test(
  "[U16] two windows of a session show the same messages, whichever sends them",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();

    await alice.say("from the first");
    await second.sees("from the first");
    await second.say("from the second");
    await bob.sees("from the first", "from the second");
    await bob.say("I see");

    for (const window of [alice, second]) {
      await window.sees("from the first", "from the second", "I see");
      await assertSoon(() => window.delivery("from the first"), "Sent");
      await assertSoon(() => window.delivery("from the second"), "Sent");
    }
    await assertSoon(() => bob.people(), ["alice", "bob"]);
  }),
);
