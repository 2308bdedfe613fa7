import { assertEquals, assertMatch } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

/** Opens the dialog; returns the link that it shows. */
async function linkOn(page: ChatPage): Promise<string> {
  await page.openSettings();
  await page.button("Use on another device…").click();
  const field = page.dialog.getByRole("textbox", { name: "Link for the other device" });
  return await field.inputValue();
}

/** Opens a link in the browser of another device. */
async function open(chat: BrowserChat, link: string, options = {}): Promise<ChatPage> {
  return new ChatPage(await chat.openPage(link, options));
}

function nameOn({ page }: ChatPage): Promise<string | null> {
  return page.locator("button.self strong").textContent();
}

Deno.test(
  "[U178] a guest continues on another device, with all conversations, and stays on the first",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.openDirect("alice");
    await bob.say("psst");
    await alice.conversation("bob").waitFor();
    const link = await linkOn(alice);
    assertMatch(link, new RegExp(`^${chat.url}/#move=[\\w-]{16}\\.[\\w-]{32}$`));

    const phone = await open(chat, link);
    await phone.button("Continue as alice").click();

    await phone.isConnected();
    assertEquals(await nameOn(phone), "alice");
    assertEquals(await phone.publicToken(), await alice.publicToken());
    await phone.select("bob");
    await phone.sees("psst");
    await phone.say("from the phone");
    // The dialog, and the settings.
    await alice.page.keyboard.press("Escape");
    await assertSoon(() => alice.dialog.count(), 0);
    await alice.page.keyboard.press("Escape");
    await alice.select("bob");
    await alice.sees("psst", "from the phone");
    await phone.page.reload();
    await phone.isConnected();
    await bob.sees("psst", "from the phone");
  }),
);

Deno.test(
  "[U178] opening the link changes nothing, and its code leaves the address at once",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const link = await linkOn(alice);
    const requests: string[] = [];

    const phone = await chat.visit();
    phone.page.on("request", (request) => requests.push(request.url()));
    await phone.page.goto(link);
    await phone.page.reload();
    await phone.page.goto(link);
    await phone.button("Continue as alice").waitFor();

    assertEquals(phone.page.url(), `${chat.url}/`);
    assertEquals(requests.filter((url) => url.includes("move")), []);
    await phone.button("Cancel").click();
    await phone.nameField.waitFor();
    const again = await open(chat, link);
    await again.button("Continue as alice").click();
    await again.isConnected();
  }),
);

Deno.test(
  "[U178] a link works once, and says so afterwards",
  withChat(async (chat) => {
    chat.errors.expect("unauthorized");
    const alice = await chat.signIn("alice");
    const link = await linkOn(alice);
    const [phone, tablet] = [await open(chat, link), await open(chat, link)];
    await tablet.button("Continue as alice").waitFor();
    await phone.button("Continue as alice").click();
    await phone.isConnected();

    await tablet.button("Continue as alice").click();

    const sentence = "This link has expired or was used. Make a new one on the other device.";
    await tablet.page.getByText(sentence).waitFor();
    const laptop = await open(chat, link);
    await laptop.page.getByText(sentence).waitFor();
    await laptop.button("OK").click();
    await laptop.nameField.waitFor();
  }),
);

Deno.test(
  "[U179] a device that has another identity says that this one is left",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const link = await linkOn(alice);
    const bob = await chat.signIn("bob");
    const second = await bob.secondWindow();

    await bob.page.goto(link);
    await bob.page.getByText("You are bob on this device.").waitFor();
    chat.errors.expect("unauthorized");
    await bob.button("Continue as alice").click();

    await assertSoon(() => nameOn(bob), "alice");
    await second.nameField.waitFor();
    await assertSoon(() => alice.people(), ["alice"]);
  }),
);

Deno.test(
  "[U179] on a device that has the same identity, the link changes nothing",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const link = await linkOn(alice);
    const second = await alice.secondWindow();

    await second.page.goto(link);
    await second.page.getByText("You are already alice here.").waitFor();
    await second.button("OK").click();

    await second.isConnected();
    const phone = await open(chat, link);
    await phone.button("Continue as alice").waitFor();
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U178] link and question have no accessibility violations in ${colorScheme}, and fit 320 pixels`,
    withChat(async (chat) => {
      const options = { colorScheme, reducedMotion: "reduce" } as const;
      const alice = await chat.signIn("alice", options);
      const link = await linkOn(alice);
      const bob = await chat.signIn("bob", options);
      await bob.page.goto(link);
      await bob.button("Continue as alice").waitFor();

      for (const page of [alice, bob]) {
        assertEquals(await accessibilityViolations(page.page), []);
        await page.page.setViewportSize({ width: 320, height: 480 });
        assertEquals(await overflows(page), []);
      }
    }),
  );
}
