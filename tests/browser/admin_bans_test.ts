import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

Deno.test(
  "[J31] a session is banned for a time, with a reason, and the ban is listed and lifted",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const admin = await AdminPage.signIn(chat);
    const dialog = admin.page.getByRole("dialog", { name: "Ban somebody" });
    const bans = admin.page.getByRole("region", { name: "Bans" });

    await admin.button("Ban alice").click();
    await dialog.getByText("alice").waitFor();
    await admin.field("For how long").selectOption({ label: "1 week" });
    await admin.field("Reason").fill("spam");
    assertEquals(await accessibilityViolations(admin.page), []);
    await dialog.getByRole("button", { name: "Ban" }).click();

    await alice.page.getByRole("alert").getByText("spam").waitFor();
    await bans.getByRole("row", { name: "alice" }).getByText("spam").waitFor();
    await assertSoon(() => admin.names(), ["bob"]);
    await bans.getByRole("button", { name: "Lift the ban of alice" }).click();
    await admin.page.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
    await bans.getByText("The ban of alice was lifted.").waitFor();
    await alice.page.reload();
    await alice.isConnected();
    assertEquals(await bob.badge.textContent(), "Connected");
  }, KEY_SETTINGS),
);

Deno.test(
  "[J31] the address from which a session polls is offered, and everybody there is banned",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    using remote = new RemoteChat(chat.url);
    const alice = await remote.signIn("alice");
    const { cursor } = await alice.poll();
    const parked = fetch(`${chat.url}/api/poll`, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${alice.privateToken}`, "x-forwarded-for": "203.0.113.7" },
        "content-type": "application/json",
      },
      body: JSON.stringify({ cursor, hold: 55_000 }),
    });
    const admin = await AdminPage.signIn(chat);
    await assertSoon(() => admin.session("alice").locator("td").nth(1).textContent(), "1");

    await admin.button("Ban alice").click();
    await admin.field("Whom").selectOption({ label: "Address" });
    await assertSoon(() => admin.field("Address or network").inputValue(), "203.0.113.7");
    await admin.page.getByRole("dialog").getByRole("button", { name: "Ban" }).click();

    const { status, body } = await parked;
    await body?.cancel();
    assertEquals(status, 403);
    await admin.page.getByRole("region", { name: "Bans" })
      .getByRole("row", { name: "203.0.113.7" }).waitFor();
  }, { ...KEY_SETTINGS, TRUST_PROXY: "1" }),
);

Deno.test(
  "[J31] an address that cannot be banned is explained, and nothing is banned while it is not chosen",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const admin = await AdminPage.signIn(chat);
    const ban = admin.page.getByRole("dialog").getByRole("button", { name: "Ban" });
    await admin.button("Ban…").click();
    await assertSoon(() => ban.isDisabled(), true);

    await admin.field("Whom").selectOption({ label: "Address" });
    await admin.field("Address or network").fill("0.0.0.0/0");
    await ban.click();

    await admin.page.getByRole("alert").getByText("203.0.113.0/24").waitFor();
    await admin.page.getByText("Nobody is banned").waitFor();
  }, KEY_SETTINGS),
);
