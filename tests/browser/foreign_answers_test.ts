import { assertEquals } from "@std/assert";
import { ADMIN_KEY, AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** What a gateway in front of the server answers. */
const GATE = {
  status: 401,
  contentType: "text/html",
  headers: { "access-control-allow-origin": "*" },
  body: "<h1>Who are you?</h1>",
} as const;

Deno.test(
  "[J5] a 401 that is not Halley's does not sign the administrator out: the page goes on with its key",
  withChat(async (chat) => {
    chat.errors.expect("unauthorized");
    const admin = await AdminPage.signIn(chat);
    await admin.metric("parked").waitFor();
    let gated = 0;
    await admin.page.route(`${chat.url}/api/admin/**`, (route) => {
      gated++;
      return route.fulfill(GATE);
    });

    await assertSoon(() => Promise.resolve(gated >= 2), true);

    assertEquals(await admin.page.evaluate(() => Object.values(sessionStorage)), [ADMIN_KEY]);
    assertEquals(await admin.field("Admin key").count(), 0);
    await admin.page.unroute(`${chat.url}/api/admin/**`);
    await chat.signIn("alice");
    await assertSoon(() => admin.names(), ["alice"]);
  }, KEY_SETTINGS),
);

Deno.test(
  "[T14] if something else than Halley answers, the visitor can try again, and the console says what it was",
  withShop(async (chat, shop) => {
    chat.errors.expect("unauthorized");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.launcher.click();
    await alice.nameField.waitFor();
    await alice.page.route(`${chat.url}/api/**`, (route) => route.fulfill(GATE));
    const logged = alice.page.waitForEvent("console", {
      predicate: (message) =>
        message.text().includes("The answer is not from Halley: status 401 with text/html"),
    });

    await alice.nameField.fill("alice");
    await alice.nameField.press("Enter");

    await logged;
    await alice.panel.getByText("Can’t reach the server.").waitFor();
    await alice.page.unroute(`${chat.url}/api/**`);
    await alice.panel.getByRole("button", { name: "Start chatting" }).click();
    await alice.composer.waitFor();
  }),
);

Deno.test(
  "[T14] foreign answers without CORS headers do not take the chat away, and one at sign-in can be tried again",
  withShop(async (chat, shop) => {
    chat.errors.expect("network");
    chat.errors.expect("widget");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    const api = `${chat.url}/api/**`;
    // What a page sees of an answer without CORS headers: nothing. (Playwright adds them to answers of a route.)
    const refuse = () => alice.page.route(api, (route) => route.abort());
    await alice.launcher.click();
    await alice.nameField.waitFor();
    await refuse();
    await alice.nameField.fill("alice");
    await alice.nameField.press("Enter");
    await alice.panel.getByText("Chat isn’t available on this page.").waitFor();
    await alice.page.unroute(api);
    await alice.panel.getByRole("button", { name: "Try again" }).click();
    await alice.enterName("alice");
    await alice.panel.locator(".connection[data-state=connected]").waitFor();

    await refuse();
    await alice.say("hello");
    await alice.panel.getByRole("button", { name: "Retry now" }).waitFor();
    await new Promise((resolve) => setTimeout(resolve, 2_000));

    await alice.sees("hello");
    await alice.composer.fill("a draft");
    await alice.page.unroute(api);
    await alice.page.evaluate(() => void dispatchEvent(new Event("online")));
    await alice.panel.locator(".delivery[aria-label=Sent], .delivery[aria-label=Delivered]")
      .waitFor();
    assertEquals(await alice.composer.inputValue(), "a draft");
  }),
);
