import { assertEquals } from "@std/assert";
import { tokenFor } from "../support/tokens.ts";
import { type Application, withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, PUBLISH_KEY, withChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";

/** Signs the user of a token in. */
async function signIn(chat: BrowserChat, application: Application, claims: object) {
  application.answer = { text: await tokenFor({ ...claims }) };
  const page = new ChatPage(await chat.openPage(`${application.origin}/login`));
  await page.page.goto(chat.url);
  await page.isConnected();
  return page;
}

/** What the avatars in a part of the page show: a picture or an initial. */
async function avatars({ page }: ChatPage, part: string): Promise<string[]> {
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
    await assertSoon(() => avatars(bob, "[role=log]"), ["picture"]);
    await assertSoon(() => avatars(alice, "[role=log]"), ["B"]);
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

    const { status, body } = await fetch(`${chat.url}/api/publish`, {
      method: "POST",
      headers: { "authorization": `Bearer ${PUBLISH_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ to: "room:lobby", as: "Support", text: "hello" }),
    });

    await body?.cancel();
    assertEquals(status, 201);
    await alice.sees("hello");
    await assertSoon(() => avatars(alice, "[role=log]"), ["picture"]);
  }, {
    PUBLISH_AS: "shop:Support=https://pictures.example/support.svg",
    PICTURE_ORIGINS: "https://pictures.example",
  }),
);
