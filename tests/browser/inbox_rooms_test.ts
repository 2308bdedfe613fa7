import { assertEquals } from "@std/assert";
import { ADMIN_KEY } from "./admin_page.ts";
import { assertSoon } from "./assert_soon.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { inboxOf, openRooms, roomOf, stateOf } from "./inbox_page.ts";
import { withSupport } from "./support_team.ts";

/** Erases a person by the id of the application. */
async function erase({ url }: BrowserChat, userId: string): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const address = `${url}/api/users/${encodeURIComponent(userId)}`;
  const response = await fetch(address, { method: "DELETE", headers });
  await response.body?.cancel();
  assertEquals(response.status, 202);
}

Deno.test(
  "[U98] after an erasure, the team's open page no longer has the visitor's room and name",
  withSupport(async ({ chat, signIn, visitor }) => {
    const mia = await visitor("Mia");
    await mia.say("hello");
    const ann = await signIn("ann");
    await roomOf(ann, "Mia").click();
    await ann.button("Claim").click();
    await assertSoon(() => stateOf(ann), "Claimed by you");
    await ann.composer.fill("Dear Mia");

    await erase(chat, "visitor Mia");

    await inboxOf(ann).getByText("No conversations").waitFor();
    await assertSoon(() => ann.page.getByText("Mia").count(), 0);
    await assertSoon(async () => (await ann.page.title()).includes("Mia"), false);
    assertEquals(await ann.page.getByRole("group", { name: "Who answers" }).count(), 0);
    await ann.log.getByText("This person was erased.").waitFor();
    assertEquals(await ann.composer.count(), 0);
    await ann.page.getByRole("heading", { name: "Unknown user" }).waitFor();
    assertEquals(
      await ann.page.evaluate(() => JSON.stringify({ ...localStorage }).includes("Dear")),
      false,
    );
  }, { API_KEYS: `boss:admin:${ADMIN_KEY}` }),
);

Deno.test(
  "[U98] after the erasure of a member of the team, nobody answers or has closed what they did",
  withSupport(async ({ chat, signIn, member, visitor }) => {
    const [mia, zoe] = [await visitor("Mia"), await visitor("Zoe")];
    const ben = await member("ben");
    for (const { room, say } of [mia, zoe]) {
      await say("hello");
      await ben.send({ channel: room, event: "claimed" });
      await ben.send({ channel: room, text: "hello from the team" });
    }
    await ben.send({ channel: zoe.room, event: "closed" });
    const ann = await signIn("ann");
    await roomOf(ann, "Mia").click();
    await assertSoon(() => stateOf(ann), "Claimed by ben");
    await inboxOf(ann).getByText("Closed (1)").waitFor();

    await erase(chat, "ben");

    await assertSoon(() => stateOf(ann), "Waiting");
    await assertSoon(async () => (await openRooms(ann)).length, 2);
    await roomOf(ann, "Zoe").click();
    await assertSoon(() => stateOf(ann), "Waiting");
    await assertSoon(() => ann.page.getByText("ben", { exact: false }).count(), 0);
    assertEquals(await ann.composer.count(), 1);
  }, { API_KEYS: `boss:admin:${ADMIN_KEY}` }),
);

Deno.test(
  "[U103] a form that a visitor has left is a text in the list, and in a reply to it",
  withSupport(async ({ signIn, visitor }) => {
    const mia = await visitor("Mia");
    const data = { name: "Mia", address: "mia@example.com", text: "Which one is for children?" };
    await mia.send({ channel: mia.room, data });
    const ann = await signIn("ann");
    await roomOf(ann, "Mia").getByText(data.text, { exact: true }).waitFor();
    await roomOf(ann, "Mia").click();

    await ann.log.getByText(data.text).hover();
    await ann.button("Reply").click();
    await ann.page.locator(".reply-draft").getByText(data.text, { exact: true }).waitFor();
    await ann.say("The small one");

    await ann.log.locator(".quotation").getByText(data.text, { exact: true }).waitFor();
    await assertSoon(async () => (await mia.messages()).at(-1), "The small one");
  }),
);

Deno.test(
  "[U104] on Halley's page a visitor's own room has its words as the title",
  withSupport(async ({ chat, visit, member }) => {
    const mia = await visit("Mia", {});
    const { room } = await member("Mia");

    await mia.page.goto(`${chat.url}/#${room}`);

    await mia.page.getByRole("heading", { name: "Support", exact: true }).waitFor();
    await mia.conversation("Support").waitFor();
    await assertSoon(() => mia.page.title(), "Support · Halley");
    assertEquals(await mia.composer.getAttribute("placeholder"), "Message Support");
  }),
);
