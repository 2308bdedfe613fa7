import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** Reloads the page, whose script arrives when `arrive` is called. */
async function reloadSlowly({ page }: ChatPage): Promise<{ readonly arrive: () => void }> {
  const { promise, resolve: arrive } = Promise.withResolvers<void>();
  await page.route("**/built/app*", async (route) => {
    await promise;
    await route.continue();
  });
  await page.reload({ waitUntil: "commit" });
  return { arrive };
}

/** What a page asks of the API since it was reloaded. */
function watchRequests(page: Page): readonly string[] {
  const paths: string[] = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest()) paths.length = 0;
    const { pathname } = new URL(request.url());
    const isQuestion = request.method() === "GET" && pathname.startsWith("/api/");
    if (isQuestion) paths.push(decodeURIComponent(pathname.slice(5)));
  });
  return paths;
}

const HOSTILE = "<img src=x onerror=alert(1)>";

/** Resolves when all these have been requested; the page that is left may have requested something else. */
async function requested(requests: readonly string[], paths: readonly string[]): Promise<void> {
  await assertSoon(() => Promise.resolve(paths.every((path) => requests.includes(path))), true);
}

/** Where something is shown, in whole pixels. */
async function placeOf(shown: Locator): Promise<readonly number[]> {
  const { x = 0, y = 0, width = 0 } = await shown.boundingBox() ?? {};
  return [x, y, width].map(Math.round);
}

const EARLY = ["conversations", "channels/room:lobby/messages"];

Deno.test(
  "[U105] until its script has been loaded, the page shows its frame, or its name to those who must sign in",
  withChat(async (chat) => {
    const alice = await chat.visit();

    const signedOut = await reloadSlowly(alice);

    await alice.page.getByRole("heading", { name: "Halley" }).waitFor();
    signedOut.arrive();
    await alice.signIn("alice");
    const signedIn = await reloadSlowly(alice);
    await alice.page.locator(".chat .skeleton").waitFor();
    signedIn.arrive();
    await alice.composer.waitFor();
    assertEquals(await alice.page.locator(".opening").count(), 0);
  }),
);

Deno.test(
  "[U395] where a policy of a proxy forbids what the page contains itself, the style sheet is loaded",
  withChat(async (chat) => {
    const alice = await chat.visit();
    await alice.page.route(`${chat.url}/`, async (route) => {
      const response = await route.fetch();
      const policy = response.headers()["content-security-policy"] ?? "";
      const headers = {
        ...response.headers(),
        "content-security-policy": policy.replaceAll(/ 'sha256-[^']*'/g, ""),
      };
      await route.fulfill({ response, headers });
    });

    await alice.page.reload();

    await alice.signIn("alice");
    const display = () =>
      alice.page.evaluate(() => getComputedStyle(document.querySelector(".chat")!).display);
    await assertSoon(display, "grid");
    const errors = chat.errors.all.splice(0);
    assertEquals(errors.filter((error) => !/violation|Content Security Policy/.test(error)), []);
  }),
);

Deno.test(
  "[U106] the conversations and the newest messages are requested, once, before the script has been loaded",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("before");
    const requests = watchRequests(alice.page);

    const { arrive } = await reloadSlowly(alice);
    await assertSoon(() => Promise.resolve([...requests]), EARLY);
    arrive();

    await alice.sees("before");
    await alice.isConnected();
    assertEquals(requests.filter((path) => path === EARLY[1]).length, 1);
  }),
);

Deno.test(
  "[U185] before the script has been loaded the newest messages are readable, and nothing moves when it has",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("<b>bob</b>")];
    const texts = Array.from({ length: 40 }, (_, n) => `message ${n}`);
    for (const text of texts) await alice.say(text);
    await bob.sees(...texts);
    await bob.say(HOSTILE);
    await alice.sees(...texts, HOSTILE);

    const { arrive } = await reloadSlowly(alice);
    const frame = alice.page.locator(".chat.opening");
    const early = frame.getByText(HOSTILE);
    await early.waitFor();

    assertEquals(await frame.locator(".message").count(), 41);
    assertEquals(await frame.locator(".sender").last().textContent(), "<b>bob</b>");
    assertEquals(await frame.locator("b, img").count(), 0);
    assertEquals(await frame.locator("[data-own] .sender:not(.visually-hidden)").count(), 0);
    const before = await placeOf(early);
    arrive();
    await alice.composer.waitFor();
    await frame.waitFor({ state: "detached" });
    const shown = alice.log.getByText(HOSTILE);
    assertEquals(await placeOf(shown), before);
    await alice.say("one more");
    await bob.sees(...texts, HOSTILE, "one more");
  }),
);

Deno.test(
  "[U185] in place of messages, what a portal answers is not shown",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("before");
    await alice.page.route(
      "**/messages?*",
      (route) => route.fulfill({ body: '{"messages":[{}]}' }),
    );

    const { arrive } = await reloadSlowly(alice);
    await alice.page.locator(".chat .skeleton").waitFor();
    await alice.page.unroute("**/messages?*");
    arrive();

    await alice.sees("before");
    assertEquals(await alice.page.locator(".opening").count(), 0);
  }),
);

Deno.test(
  "[U106] what happens while the script is loaded is shown, once, also if another window has got it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await bob.say("before");
    await bob.say("deleted meanwhile");
    await alice.sees("before", "deleted meanwhile");
    const requests = watchRequests(alice.page);

    const { arrive } = await reloadSlowly(alice);
    await requested(requests, EARLY);
    await bob.say("meanwhile");
    await bob.log.getByText("deleted meanwhile").hover();
    await bob.button("Delete").click();
    await bob.button("Really delete?").click();
    for (const page of [bob, second]) await page.sees("before", "meanwhile");
    arrive();

    await alice.sees("before", "meanwhile");
  }),
);

Deno.test(
  "[U106] a page that was opened by a link requests that conversation, whatever it is",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.openDirect("bob");
    await alice.say("hello, bob");
    await bob.select("alice");
    await alice.page.goto(`${chat.url}#${await alice.page.evaluate(() => location.hash.slice(1))}`);
    const requests = watchRequests(alice.page);

    const { arrive } = await reloadSlowly(alice);
    await assertSoon(() => Promise.resolve(requests.length), EARLY.length);
    arrive();

    await alice.sees("hello, bob");
    await alice.isConnected();
    assertEquals(requests.filter((path) => path.endsWith("/messages")).length, 1);
    await alice.page.goto(`${chat.url}#room:%E0%A4%A`);
    await alice.page.reload();
    await alice.isConnected();
  }),
);

for (
  const [what, body] of Object.entries({
    "a portal answers": "<p>Please sign in to the network</p>",
    "nobody answers": undefined,
  })
) {
  Deno.test(
    `[U106] the page asks again if ${what} in place of the server`,
    withChat(async (chat) => {
      const alice = await chat.signIn("alice");
      await alice.say("before");
      chat.errors.expect("network");
      const replace = "**/api/c*/**";
      await alice.page.route(
        "**/api/conv*",
        (route) => body ? route.fulfill({ body, contentType: "text/html" }) : route.abort(),
      );
      await alice.page.route(
        replace,
        (route) => body ? route.fulfill({ body, contentType: "text/html" }) : route.abort(),
      );
      const requests = watchRequests(alice.page);

      const { arrive } = await reloadSlowly(alice);
      await requested(requests, EARLY);
      await alice.page.unroute("**/api/conv*");
      await alice.page.unroute(replace);
      arrive();

      await alice.sees("before");
    }),
  );
}

Deno.test(
  "[U106] after another person has signed in meanwhile, nothing of the first one is shown",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    await alice.say("mine");
    const requests = watchRequests(alice.page);

    const { arrive } = await reloadSlowly(alice);
    await assertSoon(() => Promise.resolve(requests.length > 0), true);
    chat.errors.expect("unauthorized");
    await second.signOut();
    await second.signIn("bob");
    arrive();

    await alice.isConnected();
    await assertSoon(() => alice.people(), ["bob"]);
  }),
);
