import { assertEquals } from "@std/assert";
import { tokenFor } from "../support/tokens.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import { ChatPage } from "./chat_page.ts";

Deno.test(
  "[U88] a moderator edits and deletes the messages of others in their room, and nowhere else",
  withApplication(({ origin }) => ({
    TOKEN_URL: `${origin}/chat-token`,
    EDIT_MINUTES: "0",
  }), async (chat, application) => {
    const headers = {
      authorization: `Bearer ${await tokenFor({ sub: "43", name: "bob" })}`,
      "content-type": "application/json",
    };
    for (const channel of ["room:lobby", "room:tea"]) {
      for (const text of ["one", "two"]) {
        const body = JSON.stringify({ channel, text });
        await fetch(`${chat.url}/api/messages`, { method: "POST", headers, body });
      }
    }
    const channels = { read: ["*"], write: ["*"], admin: ["room:tea"] };
    application.answer = { text: await tokenFor({ channels }) };
    const page = await chat.openPage(`${application.origin}/login`);
    await page.goto(chat.url);
    const alice = new ChatPage(page);
    await alice.sees("one", "two");
    await alice.log.getByText("one").hover();
    await alice.button("Copy").waitFor();
    await assertSoon(() => alice.button("Delete").count(), 0);

    await alice.joinRoom("tea");
    await alice.sees("one", "two");
    await alice.log.getByText("one").hover();
    await alice.button("Edit").click();
    await page.getByRole("textbox", { name: "Edit message" }).fill("uno");
    await alice.button("Save").click();
    await alice.sees("uno", "two");
    await alice.log.getByText("two").hover();
    await alice.button("Delete").click();
    await assertSoon(() => accessibilityViolations(page), []);
    await alice.sees("uno", "two");
    await alice.button("Really delete the message from bob?").click();

    await alice.sees("uno");
    const history = await fetch(`${chat.url}/api/channels/room:tea/messages`, { headers });
    const { messages } = await history.json();
    assertEquals(messages.map(({ text }: { text: string }) => text), ["uno"]);
  }),
);
