import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { ADMIN_KEY, AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";

/** Publishes to different rooms, one after the other. */
async function publish(chat: BrowserChat, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const response = await fetch(`${chat.url}/api/publish`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ to: `room:r${n}`, text: "hello" }),
    });
    await response.body?.cancel();
  }
}

Deno.test(
  "[J44] the page lists what administrators did, the newest first",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const alice = await remote.signIn("alice");
    await alice.poll();
    const admin = await AdminPage.signIn(chat);
    const rows = admin.page.getByRole("region", { name: "What administrators did" })
      .locator("tbody tr");

    await admin.button("Kick alice").click();
    await admin.page.getByRole("dialog").getByRole("button", { name: "Kick" }).click();
    // Nothing can be entered below a dialog.
    await admin.page.getByText("alice was kicked.").waitFor();
    await admin.choose("To", "Room", "lobby");
    await admin.field("Text").fill("Be kind.");
    await admin.button("Send").click();

    await assertSoon(async () => (await rows.allTextContents()).length, 2);
    const [notice, kick] = await rows.allTextContents();
    assertEquals(/api:bosssent a notice.*room.*lobby/.test(notice ?? ""), true, notice);
    assertEquals(kick?.includes(`api:bosskicked`) && kick.includes(alice.publicToken), true, kick);
    assertEquals(await accessibilityViolations(admin.page), []);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J44] older actions are shown on request",
  withChat(async (chat) => {
    await publish(chat, 52);
    const admin = await AdminPage.signIn(chat);
    const list = admin.page.getByRole("region", { name: "What administrators did" });
    await list.getByText("r51", { exact: true }).waitFor();
    assertEquals(await list.getByText("r0", { exact: true }).count(), 0);

    await list.getByRole("button", { name: "Show more" }).click();

    await list.getByText("r0", { exact: true }).waitFor();
  }, KEY_SETTINGS),
);
