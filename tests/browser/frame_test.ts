import { assertEquals } from "@std/assert";
import type { Frame, Page } from "playwright-core";
import { exampleOf } from "../docs/examples.ts";
import { now, tokenFor } from "../support/tokens.ts";
import { ADMIN_KEY } from "./admin_page.ts";
import { type Application, withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import type { BrowserChat } from "./browser_chat.ts";

const framing = ({ origin }: Application) => ({
  FRAME_ANCESTORS: origin,
  SIGN_IN_URL: `${origin}/login`,
});

/** Opens a page of the application that shows `url` in a frame, and answers its requests with `replies`. */
async function embed(
  chat: BrowserChat,
  application: Application,
  url: string,
  replies: readonly unknown[],
): Promise<Page> {
  application.pages.set(
    "/chat",
    `<title>Telescopes</title>
    <script>
      globalThis.replies = ${JSON.stringify(replies)};
      globalThis.asked = 0;
      addEventListener("message", ({ source, origin, data }) => {
        if (origin !== ${JSON.stringify(new URL(url).origin)}) return;
        if (data.type !== "halley:token-request") return;
        asked++;
        for (const reply of replies) source.postMessage(reply, origin);
      });
    </script>
    <iframe title="Chat" src="${url}" width="900" height="600"></iframe>`,
  );
  return await chat.openPage(`${application.origin}/chat`, { serviceWorkers: "allow" });
}

function chatFrame(page: Page): Frame {
  const frame = page.frames().find((frame) => frame.parentFrame() === page.mainFrame());
  if (frame === undefined) throw new Error("The page has no frame");
  return frame;
}

function nameIn(page: Page): Promise<string | null> {
  return chatFrame(page).locator("button.self strong").textContent();
}

function askedIn(page: Page): Promise<number> {
  return page.evaluate(() => Reflect.get(globalThis, "asked"));
}

function answerWith(page: Page, replies: readonly unknown[]): Promise<void> {
  return page.evaluate((replies) => void Reflect.set(globalThis, "replies", replies), replies);
}

Deno.test(
  "[Q24] in a frame the page gets its tokens from its parent, also when one has expired",
  withApplication(framing, async (chat, application) => {
    chat.errors.expect("unauthorized");
    const first = await tokenFor({ exp: now() + 10 });
    const page = await embed(chat, application, chat.url, [{ type: "halley:token", token: first }]);
    await assertSoon(() => nameIn(page), "alice");
    await answerWith(page, [{ type: "halley:token", token: await tokenFor({ jti: "another" }) }]);

    await assertSoon(async () => await askedIn(page) > 1, true);
    const composer = chatFrame(page).getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("hello");
    await composer.press("Control+Enter");

    await assertSoon(() => chatFrame(page).locator(".message .text").allTextContents(), ["hello"]);
  }),
);

Deno.test(
  "[V25] in a frame, no worker is registered",
  withApplication(framing, async (chat, application) => {
    const token = { type: "halley:token", token: await tokenFor() };
    const page = await embed(chat, application, chat.url, [token]);
    await assertSoon(() => nameIn(page), "alice");

    const found = await chatFrame(page).evaluate(async () => {
      // Later than any timer that the page has set for it.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const files = performance.getEntriesByType("resource").map(({ name }) => name);
      const registrations = await navigator.serviceWorker.getRegistrations();
      return { registrations: registrations.length, files };
    });

    assertEquals(found.registrations, 0);
    assertEquals(found.files.some((file) => file.includes("/app.")), true);
    assertEquals(found.files.some((file) => file.includes("/page-offline.")), false);
  }),
);

Deno.test(
  "[Q24] a parent whose user is not signed in says so, and the link leads out of the frame",
  withApplication(framing, async (chat, application) => {
    const nobody = { type: "halley:token", token: null };
    const page = await embed(chat, application, chat.url, [nobody]);
    const frame = chatFrame(page);

    await frame.getByText("Sign in to this site to join the chat.").waitFor();
    await frame.getByRole("link", { name: "Sign in" }).click();

    await page.waitForURL(`${application.origin}/login`);
  }),
);

Deno.test(
  "[Q24] messages of the parent that are no answer are ignored",
  withApplication(framing, async (chat, application) => {
    const [alice, bob] = [await tokenFor(), await tokenFor({ sub: "43", name: "bob" })];
    const page = await embed(chat, application, chat.url, [
      bob,
      null,
      42,
      [],
      { token: bob },
      { type: "token", token: bob },
      { type: "halley:token" },
      { type: "halley:token", token: 42 },
      { type: "halley:token", token: "" },
      { type: "halley:token", token: "not a token" },
      { type: "halley:token", token: `${bob}\n` },
      { type: "halley:token", token: [bob] },
      { type: ["halley:token"], token: bob },
      { type: "halley:token", token: alice },
    ]);

    await assertSoon(() => nameIn(page), "alice");
  }),
);

Deno.test(
  "[Q31] a parent that answers with something else is named as the cause, and can be asked again",
  withApplication(framing, async (chat, application) => {
    chat.errors.expect("widget");
    const unauthorized = { type: "halley:token", token: "Unauthorized" };
    const page = await embed(chat, application, chat.url, [unauthorized]);
    await chatFrame(page).getByText("The application gave no valid token.").waitFor();
    await answerWith(page, [{ type: "halley:token", token: await tokenFor() }]);

    await chatFrame(page).getByRole("button", { name: "Try again" }).click();

    await assertSoon(() => nameIn(page), "alice");
  }),
);

Deno.test(
  "[Q24] messages of other windows are ignored, also with an origin that is listed",
  withApplication(framing, async (chat, application) => {
    const bob = await tokenFor({ sub: "43", name: "bob" });
    const message = JSON.stringify({ type: "halley:token", token: bob });
    // A frame beside it, and the page itself: its own messages come from its own window.
    application.pages.set(
      "/sibling",
      `<script>
        globalThis.sent = 0;
        setInterval(() => {
          parent.frames[0].postMessage(${message}, "*");
          sent++;
        }, 20);
      </script>`,
    );
    const page = await embed(chat, application, chat.url, []);
    await page.evaluate(() => {
      const sibling = document.createElement("iframe");
      sibling.src = "/sibling";
      document.body.append(sibling);
    });
    await chatFrame(page).evaluate((message) => {
      setInterval(() => postMessage(JSON.parse(message), "*"), 20);
    }, message);
    const asked = await askedIn(page);
    const siblingFrame = () => page.frames().find((frame) => frame.url().endsWith("/sibling"));

    await assertSoon(async () => await askedIn(page) > asked, true);
    await assertSoon(
      async () => await siblingFrame()?.evaluate(() => Reflect.get(globalThis, "sent") > 10),
      true,
    );
    await answerWith(page, [{ type: "halley:token", token: await tokenFor() }]);

    await assertSoon(() => nameIn(page), "alice");
  }),
);

Deno.test(
  "[Q24] a parent with another origin gets no one in, even if the browser lets it frame the page",
  withApplication(
    () => ({ FRAME_ANCESTORS: "https://shop.example" }),
    async (chat, application) => {
      const reply = { type: "halley:token", token: await tokenFor() };
      const context = await chat.browser.newContext({ locale: "en-US" });
      await chat.errors.watch(context);
      await context.route(`${chat.url}/`, async (route) => {
        const response = await route.fetch();
        const { "content-security-policy": _, ...headers } = response.headers();
        await route.fulfill({ response, headers });
      });
      // In a context without this route, the browser does not let it.
      chat.errors.expect("frame");
      chat.errors.expect("network");
      await embed(chat, application, chat.url, [reply]);
      const page = await context.newPage();
      await page.goto(`${application.origin}/chat`);

      await assertSoon(async () => await askedIn(page) > 2, true);

      assertEquals(await chatFrame(page).getByText("Signing in…").count(), 1);
      assertEquals(await chatFrame(page).locator("button.self").count(), 0);
    },
  ),
);

for (
  const [what, settingsFor, path] of [
    ["a page whose origin is not listed", () => ({ FRAME_ANCESTORS: "https://shop.example" }), "/"],
    ["any page without FRAME_ANCESTORS", () => ({}), "/"],
    ["the listed page, if it is the admin page", framing, "/admin"],
  ] as const
) {
  Deno.test(
    `[Q25] the browser refuses to show Halley in a frame of ${what}`,
    withApplication(
      (application) => ({ API_KEYS: `boss:admin:${ADMIN_KEY}`, ...settingsFor(application) }),
      async (chat, application) => {
        chat.errors.expect("frame");
        chat.errors.expect("network");
        const page = await embed(chat, application, `${chat.url}${path}`, []);

        await assertSoon(
          () => Promise.resolve(chatFrame(page).url()),
          "chrome-error://chromewebdata/",
        );
        assertEquals(await askedIn(page), 0);
      },
    ),
  );
}

Deno.test(
  "[X4] the page in USERS.md that has Halley's page in a frame works",
  withApplication(framing, async (chat, application) => {
    const example = await exampleOf("docs/USERS.md", "frame");
    const html = example.replaceAll("https://chat.shop.example", chat.url);
    application.pages.set("/chat", html);
    application.answer = { text: await tokenFor() };

    const page = await chat.openPage(`${application.origin}/chat`);

    await assertSoon(() => nameIn(page), "alice");
  }),
);
