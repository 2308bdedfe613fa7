import { assertEquals } from "@std/assert";
import { createPushKey } from "../../server/push/push_key.ts";
import { CONTACT, PushService } from "../push/push_service.ts";
import { assertSoon } from "./assert_soon.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { blurPage } from "./hide_page.ts";
import { PushPlatform } from "./push_platform.ts";

/** Runs a test with a server, below a path, that pushes to a service. */
function withPushes(
  test: (chat: BrowserChat, service: PushService) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using service = new PushService();
    const settings = {
      PUSH: "on",
      PUSH_CONTACT: CONTACT,
      PUSH_HOSTS: service.host,
      BASE_PATH: "/chat",
    };
    await withChat((chat) => test(chat, service), settings)();
  };
}

function switchOf({ settings }: ChatPage, name: RegExp) {
  return settings.getByRole("switch", { name });
}

const WHEN_CLOSED = /^Also when the page is closed/;
const CONTENTS = /^Show names and texts/;

Deno.test(
  "[U371] [U372] [U373] [U374] a person turns pushes on, gets them while the page is closed, and no more after signing out",
  withPushes(async (chat, service) => {
    const alice = await chat.visit({ serviceWorkers: "allow" });
    const { page } = alice;
    const platform = await PushPlatform.install(page.context(), service);
    const added: unknown[] = [];
    page.on("request", (request) => {
      const isAdded = request.method() === "PUT" && request.url().endsWith("/api/push");
      if (isAdded) added.push(request.postDataJSON().contents);
    });
    await page.reload();
    await alice.signIn("alice");
    const bob = await chat.signIn("bob");
    await alice.openSettings();

    await platform.permit(page, "denied");
    await switchOf(alice, WHEN_CLOSED).click();
    await alice.settings.getByText(/^Notifications are blocked\. Allow them/).waitFor();
    await platform.permit(page, "granted");
    platform.answer = "unreachable";
    await switchOf(alice, WHEN_CLOSED).click();
    await alice.settings.getByText("Can’t reach your browser’s push service.").waitFor();
    assertEquals(await switchOf(alice, WHEN_CLOSED).getAttribute("aria-checked"), "false");
    assertEquals(await accessibilityViolations(page), []);
    platform.answer = "subscribed";
    await switchOf(alice, WHEN_CLOSED).click();
    await assertSoon(() => switchOf(alice, CONTENTS).getAttribute("aria-checked"), "true");
    await switchOf(alice, CONTENTS).click();
    await assertSoon(() => Promise.resolve(added), [true, false]);
    await switchOf(alice, CONTENTS).click();
    await assertSoon(() => Promise.resolve(added), [true, false, true]);

    await page.goto(`${chat.url}/live`);
    await bob.openDirect("alice");
    await bob.say("are you there?");
    const [push] = await service.receives(1);
    await platform.deliver(page, push?.content);
    await assertSoon(
      async () => (await platform.shown(page)).map(({ title, body }) => [title, body]),
      [["bob", "are you there?"]],
    );

    const opened = await platform.click();
    assertEquals(opened?.startsWith(`${chat.url}/#direct:`), true);
    await page.goto(opened ?? "");
    await alice.sees("are you there?");
    await alice.openSettings();
    await switchOf(alice, CONTENTS).waitFor();
    await page.keyboard.press("Escape");

    const texts = async () => (await platform.shown(page)).map(({ body }) => body);
    await alice.select("Lobby");
    await blurPage(page);
    await bob.say("and now?");
    await assertSoon(texts, ["and now?"]);
    await blurPage(page, false);
    await alice.select("bob");
    await assertSoon(texts, []);
    await alice.select("Lobby");
    await blurPage(page);
    await bob.say("hello?");
    await assertSoon(texts, ["hello?"]);
    assertEquals(await platform.click(), undefined);
    await blurPage(page, false);
    await alice.sees("are you there?", "and now?", "hello?");

    const before = await platform.serverKey(page);
    const key = await createPushKey();
    await chat.kill();
    await chat.restart({ PUSH_KEY: key });
    await page.reload();
    await assertSoon(() => platform.serverKey(page), key.split(".")[0]);
    assertEquals(before === key.split(".")[0], false);

    // What the page still asks when it has signed out.
    chat.errors.expect("unauthorized");
    await alice.signOut();
    await alice.nameField.waitFor();
    await assertSoon(() => platform.serverKey(page), undefined);
    await page.goto(`${chat.url}/live`);
    await platform.deliver(page, push?.content);
    assertEquals(await platform.shown(page), []);
  }),
);
