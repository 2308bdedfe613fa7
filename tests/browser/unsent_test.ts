import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

const ADMIN_KEY = "an-admin-key-of-22-characters";
const SETTINGS = { API_KEYS: `boss:admin:${ADMIN_KEY}` };

/** What the sign-in view shows of earlier sessions: the title and the text of each. */
async function unsentOn({ page }: ChatPage): Promise<string[]> {
  const items = await page.locator(".unsent li").all();
  return await Promise.all(
    items.map(async (item) => (await item.locator("> *").allTextContents()).join(": ")),
  );
}

/** Signs alice in and lets her write what is not sent, and a draft; then an administrator ends her session. */
async function loseUnsent(chat: BrowserChat, options = {}): Promise<ChatPage> {
  chat.errors.expect("network");
  chat.errors.expect("unauthorized");
  const alice = await chat.signIn("alice", options);
  await alice.joinRoom("tea");
  await alice.composer.fill("a draft");
  await alice.select("Lobby");
  await alice.page.route("**/api/messages", (route) => route.abort());
  await alice.say("one");
  await alice.say("two");
  await alice.sees("one", "two");
  await kick(chat, await alice.publicToken());
  await alice.nameField.waitFor();
  return alice;
}

async function kick(chat: BrowserChat, publicToken: string): Promise<void> {
  const response = await fetch(`${chat.url}/api/sessions/${publicToken}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  assertEquals(response.status, 204);
}

const ALL = ["Lobby: one", "Lobby: two", "tea: a draft"];

Deno.test(
  "[U175] when the server ends a session, what was unsent is shown until it is discarded",
  withChat(async (chat) => {
    const alice = await loseUnsent(chat);
    await assertSoon(() => unsentOn(alice), ALL);
    await alice.page.reload();
    await assertSoon(() => unsentOn(alice), ALL);

    await alice.button("Discard").click();

    await assertSoon(() => unsentOn(alice), []);
    await alice.page.reload();
    await alice.nameField.waitFor();
    assertEquals(await unsentOn(alice), []);
  }, SETTINGS),
);

Deno.test(
  "[U175] what was unsent can be copied",
  withChat(async (chat) => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const alice = await loseUnsent(chat, { permissions });

    await alice.button("Copy").click();

    await alice.button("Copied").waitFor();
    const copied = await alice.page.evaluate(() => navigator.clipboard.readText());
    assertEquals(copied, "Lobby:\none\n\nLobby:\ntwo\n\ntea:\na draft");
  }, SETTINGS),
);

Deno.test(
  "[U175] what a closed page has left unsent is shown, too",
  withChat(async (chat) => {
    chat.errors.expect("network");
    chat.errors.expect("unauthorized");
    const alice = await chat.signIn("alice");
    const { page } = alice;
    const publicToken = await alice.publicToken();
    await page.route("**/api/messages", (route) => route.abort());
    await alice.say("one");
    await alice.sees("one");
    await page.goto("about:blank");
    await kick(chat, publicToken);

    await page.goto(chat.url);

    await assertSoon(() => unsentOn(alice), ["Lobby: one"]);
  }, SETTINGS),
);

Deno.test(
  "[U176] what was unsent goes out under no other identity",
  withChat(async (chat) => {
    const bob = await chat.signIn("bob");
    const alice = await loseUnsent(chat);
    await alice.page.unroute("**/api/messages");

    await alice.signIn("carol");
    await alice.say("three");

    await bob.sees("three");
    await alice.sees("three");
  }, SETTINGS),
);

Deno.test(
  "[U176] signing out leaves nothing of it to the next user",
  withChat(async (chat) => {
    const alice = await loseUnsent(chat);
    await assertSoon(() => unsentOn(alice), ALL);
    await alice.signIn("carol");

    await alice.signOut();

    await alice.nameField.waitFor();
    assertEquals(await unsentOn(alice), []);
  }, SETTINGS),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U175] what was unsent has no accessibility violations in ${colorScheme}, and fits 320 pixels`,
    withChat(async (chat) => {
      const alice = await loseUnsent(chat, { colorScheme, reducedMotion: "reduce" });
      await assertSoon(() => unsentOn(alice), ALL);

      assertEquals(await accessibilityViolations(alice.page), []);
      await alice.page.setViewportSize({ width: 320, height: 480 });
      assertEquals(await overflows(alice), []);
    }, SETTINGS),
  );
}
