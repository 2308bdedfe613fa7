import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { expectOrdinaryConversation } from "../../support/conversation.ts";
import { legacyPage, postForm } from "../../support/legacy.ts";
import { expectRefusal } from "../../support/problem.ts";

for (const privateToken of ["", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u0000", "☄️"]) {
  const shown = JSON.stringify(privateToken);
  Deno.test(`[G8] polls and sends with the private token ${shown} are refused at once`, async () => {
    await using chat = await Chat.open();
    const page = legacyPage(chat, { privateToken });
    const polling = postForm(chat, "/ChatHandler.ashx", { privateToken, lastMessageId: "1000" });

    await expectRefusal(polling, 401, "not_signed_in");
    await expectRefusal(page.say("hello"), 401, "not_signed_in");
  });
}

Deno.test("[G8] a session that has ended is refused", async () => {
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  await bob.request("DELETE", "/api/session");

  await expectRefusal(legacyPage(chat, bob).say("hello"), 401, "not_signed_in");
});

for (
  const [sendto, status, code] of [
    ["AAAAAAAAAAAAAAAA", 404, "unknown_recipient"],
    ["bob", 422, "invalid_request"],
    ["All", 422, "invalid_request"],
    ["room:lobby", 422, "invalid_request"],
  ] as const
) {
  Deno.test(`[G8] a message to "${sendto}" is refused with ${status}`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    await expectRefusal(legacyPage(chat, alice).say("hello", sendto), status, code);
    assertEquals((await alice.poll()).cursor.endsWith(".0"), true);
  });
}

for (const message of ["", "x".repeat(8_193)]) {
  Deno.test(`[G8] a message of ${message.length} bytes is refused`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const { status } = await legacyPage(chat, alice).say(message);

    assertEquals(status >= 400 && status < 500, true);
    await expectOrdinaryConversation(chat);
  });
}

for (const body of ["", "privateToken", "{}", "lastMessageID=1000", "\u0000", "%", "a=%ff&%zz=1"]) {
  Deno.test(`[G8] the form ${JSON.stringify(body)} is refused`, async () => {
    await using chat = await Chat.open();

    const posting = chat.app.request("/ChatHandler.ashx", { method: "POST", body });

    await expectRefusal(posting, 422, "invalid_request");
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[A9] a form with escaped bytes that are not UTF-8 is refused", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const body = `privateToken=${alice.privateToken}&message=Gr%F6%DFe&text=Gr%F6%DFe`;

  const posting = chat.app.request("/ChatHandler.ashx", { method: "POST", body });

  const { detail } = await (await posting).json();
  assertEquals(detail, "The form contains %F6%DF, which is not UTF-8");
});
