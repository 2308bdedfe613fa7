import { assertEquals } from "@std/assert";
import { tokenFor } from "../support/tokens.ts";
import { type Application, withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, PUBLISH_KEY, withChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** Signs the user of a token in. */
async function signIn(chat: BrowserChat, application: Application, claims: object) {
  application.answer = { text: await tokenFor({ ...claims }) };
  const page = new ChatPage(await chat.openPage(`${application.origin}/login`));
  await page.page.goto(chat.url);
  await page.isConnected();
  return page;
}

/** What the avatars in a part of the page show: a picture or an initial. */
async function avatars({ page }: Pick<ChatPage, "page">, part: string): Promise<string[]> {
  return await page.locator(`${part} .avatar`).evaluateAll((all) =>
    all.map((avatar) => {
      const image = avatar.querySelector("img");
      const isShown = image !== null && !image.hidden && image.naturalWidth > 0;
      return isShown ? "picture" : avatar.textContent ?? "";
    })
  );
}

const settings = ({ origin }: Application) => ({
  TOKEN_URL: `${origin}/chat-token`,
  PICTURE_ORIGINS: origin,
});

Deno.test(
  "[Q28] the page shows pictures without a referrer, and an initial where one cannot be loaded",
  withApplication(settings, async (chat, application) => {
    chat.errors.expect("refusal");
    const { origin } = application;
    const alice = await signIn(chat, application, { picture: `${origin}/alice.svg` });
    const bob = await signIn(chat, application, {
      sub: "43",
      name: "bob",
      picture: `${origin}/nothing.svg`,
    });
    await alice.say("hello");
    await bob.sees("hello");
    await bob.say("hello alice");
    await alice.sees("hello", "hello alice");

    await assertSoon(() => avatars(alice, "button.self"), ["picture"]);
    for (const page of [alice, bob]) {
      await assertSoon(() => avatars(page, "[role=log]"), ["picture", "B"]);
    }
    assertEquals(application.referrers.filter((referrer) => referrer !== null), []);
  }),
);

Deno.test(
  "[Q28] a picture in an older message, whose origin is not listed any more, is not requested",
  withApplication(settings, async (chat, application) => {
    const picture = `${application.origin}/alice.svg`;
    const alice = await signIn(chat, application, { picture });
    await alice.say("hello");
    await assertSoon(() => alice.delivery("hello"), "Sent");
    await alice.page.context().close();
    await chat.kill();
    await chat.restart({ PICTURE_ORIGINS: "https://pictures.example" });
    const count = application.referrers.length;

    const bob = await signIn(chat, application, { sub: "43", name: "bob" });
    await bob.sees("hello");

    assertEquals(await avatars(bob, "[role=log]"), ["A"]);
    assertEquals(application.referrers.length, count);
  }),
);

Deno.test(
  "[Q28] guests see the picture of a back end that speaks with one",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.page.route("https://pictures.example/support.svg", (route) =>
      route.fulfill({
        contentType: "image/svg+xml",
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
      }));

    await publish(chat, { to: "room:lobby", as: "Support", text: "hello" });

    await alice.sees("hello");
    await assertSoon(() => avatars(alice, "[role=log]"), ["picture"]);
  }, {
    PUBLISH_AS: "shop:Support=https://pictures.example/support.svg",
    PICTURE_ORIGINS: "https://pictures.example",
  }),
);

Deno.test(
  "[Q28] the widget shows pictures without a referrer, and requests none of another origin",
  async () => {
    await using site = ForeignSite.open();
    await withChat(async (chat) => {
      const referrers: (string | undefined)[] = [];
      const page = await chat.openPage("about:blank");
      await page.route("**/*.svg", async (route) => {
        referrers.push((await route.request().allHeaders()).referer);
        const body = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>';
        await route.fulfill({ contentType: "image/svg+xml", body });
      });
      await page.goto(new Shop(site).page(chat, `data-name="alice"`));
      const alice = new WidgetPage(page);
      await alice.launcher.click();
      await alice.composer.waitFor();

      await publish(chat, { to: "room:support", as: "Support", text: "hello" });
      await publish(chat, { to: "room:support", as: "Orders", text: "hello again" });

      await alice.sees("hello", "hello again");
      await assertSoon(() => avatars(alice, "halley-widget"), ["picture", "O"]);
      assertEquals(referrers, [undefined]);
    }, {
      ALLOWED_ORIGINS: site.origin,
      PUBLISH_AS: "shop:Support=https://pictures.example/support.svg," +
        "shop:Orders=https://elsewhere.example/orders.svg",
      PICTURE_ORIGINS: "https://pictures.example",
    })();
  },
);

async function publish(chat: BrowserChat, message: object): Promise<void> {
  const { status, body } = await fetch(`${chat.url}/api/publish`, {
    method: "POST",
    headers: { "authorization": `Bearer ${PUBLISH_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(message),
  });
  await body?.cancel();
  assertEquals(status, 201);
}
