import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { assertSoon } from "./assert_soon.ts";
import { ChatPage } from "./chat_page.ts";
import { PageErrors } from "./page_errors.ts";
import { hasCopied, isKept, keptAddresses } from "./kept_page.ts";
import { VersionedSite } from "./versioned_site.ts";

/** A signed-in page whose browser has kept the first version. */
async function withKeptPage(
  test: (site: VersionedSite, alice: ChatPage) => Promise<void>,
): Promise<void> {
  await using site = await VersionedSite.start();
  await using browser = await openBrowser();
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.getByRole("textbox").fill("alice");
  await page.keyboard.press("Enter");
  await page.locator(".chat .composer textarea:enabled").waitFor();
  await isKept(page);
  await test(site, new ChatPage(page));
}

/** The version of the script that a page runs. */
function versionOf({ page }: ChatPage): Promise<number> {
  return page.evaluate(() => Reflect.get(self, "halleyVersion") ?? 1);
}

/** Whether the page that is open was in the cache. */
function isCopy({ page }: ChatPage): Promise<boolean> {
  return page.evaluate(() => document.documentElement.dataset.kept !== undefined);
}

function composerOf({ page }: ChatPage) {
  return page.locator(".chat .composer textarea:enabled");
}

/** How many versions are kept. */
async function versions(page: Page): Promise<number> {
  return Object.keys(await keptAddresses(page)).length;
}

Deno.test("[V24] after an update, the next page has the new script; the old version goes when no page is open", () =>
  withKeptPage(async (site, alice) => {
    site.answering = "second";
    const [before] = Object.keys(await keptAddresses(alice.page));

    await alice.page.reload();

    await composerOf(alice).waitFor();
    assertEquals([await versionOf(alice), await isCopy(alice)], [2, false]);
    await assertSoon(() => versions(alice.page), 2);
    await isKept(alice.page);
    site.answering = "proxy";
    const reopen = async () => {
      await alice.page.goto("about:blank");
      await alice.page.goto(site.url);
      await composerOf(alice).waitFor();
    };
    await reopen();
    assertEquals([await versionOf(alice), await isCopy(alice)], [2, true]);
    // The browser may take a moment to close the page before.
    await assertSoon(async () => await versions(alice.page) === 1 || await reopen(), true);
    assertEquals(before! in await keptAddresses(alice.page), false);
  }));

Deno.test("[V24] a page of an old version from the cache is replaced when the server is back, unless somebody is writing", () =>
  withKeptPage(async (site, alice) => {
    site.answering = "proxy";
    await alice.page.reload();
    await composerOf(alice).fill("half a sent");
    assertEquals([await versionOf(alice), await isCopy(alice)], [1, true]);

    site.answering = "second";

    await assertSoon(() => versions(alice.page), 2);
    await composerOf(alice).press("e");
    assertEquals(await versionOf(alice), 1);
    await composerOf(alice).fill("a sentence");
    await composerOf(alice).press("Enter");
    await assertSoon(() => versionOf(alice), 2);
    await assertSoon(() => isCopy(alice), false);
    await alice.page.locator(".message .text", { hasText: /^a sentence$/ }).waitFor();
  }));

Deno.test("[V22] a page opens from the cache after two seconds without an answer, and with its language", () =>
  withKeptPage(async (site, alice) => {
    site.answering = "nobody";
    const start = Date.now();

    await alice.page.reload();

    await composerOf(alice).waitFor();
    const took = Date.now() - start;
    assertEquals([took >= 1_900, await isCopy(alice)], [true, true], `${took}`);
    assertEquals(await alice.page.locator("html").getAttribute("lang"), "de");
    site.answering = "first";
    await alice.page.reload();
    await composerOf(alice).waitFor();
    assertEquals(await isCopy(alice), false);
  }));

Deno.test("[V23] the worker keeps the page and its files, and nothing else below its path or elsewhere", () =>
  withKeptPage(async (site, alice) => {
    const [addresses = []] = Object.values(await keptAddresses(alice.page));
    const paths = addresses.map((url) => url.replace(site.url, "")).sort();
    const isFile = (path: string) =>
      /^(built\/)?[\w-]+\.[0-9a-f]{8}\.(js|css|json|svg)$/.test(path);

    site.answering = "proxy";
    const statuses = await alice.page.evaluate(async () => {
      const all = ["api/session", "halley.js", "admin", "live", "service-worker.js", "../"];
      return await Promise.all(all.map(async (path) => (await fetch(path)).status));
    });

    assertEquals(paths.filter((path) => !isFile(path)), [""]);
    assertEquals(paths.filter((path) => path.endsWith(".json")).length, 1);
    assertEquals(statuses, [502, 502, 502, 502, 502, 502]);
    await alice.page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.src = "./";
      document.body.append(frame);
      return new Promise((resolve) => frame.onload = resolve);
    });
    const [, frame] = alice.page.frames();
    assertEquals(await frame?.locator("#app").count(), 0);
  }));

Deno.test("[V21] neither the page of a portal nor files of two versions are kept in place of the page", () =>
  withKeptPage(async (site, alice) => {
    const before = await keptAddresses(alice.page);
    for (const answering of ["portal", "both"] as const) {
      site.answering = answering;
      site.requested.length = 0;

      await alice.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        // Installing it fails, and the update with it.
        await registration.update().catch(() => {});
        const { installing } = registration;
        if (!installing) return;
        await new Promise<void>((resolve) => {
          installing.onstatechange = () => installing.state === "redundant" && resolve();
        });
      });

      assertEquals(site.requested.includes("/chat/service-worker.js"), true);
      assertEquals(await keptAddresses(alice.page), before, answering);
    }
    site.answering = "proxy";
    await alice.page.reload();
    await composerOf(alice).waitFor();
    assertEquals(await versionOf(alice), 1);
  }));

Deno.test("[V25] over plain HTTP, where browsers have no workers, the page works as without one, and logs nothing", async () => {
  await using site = await VersionedSite.start();
  await using browser = await openBrowser("--host-resolver-rules=MAP halley.test 127.0.0.1");
  const errors = new PageErrors();
  const context = await browser.newContext({ locale: "en-US" });
  await errors.watch(context);
  const alice = new ChatPage(await context.newPage());

  await alice.page.goto(site.url.replace("127.0.0.1", "halley.test"));
  await alice.signIn("alice");
  await alice.say("hello");

  await alice.sees("hello");
  await hasCopied(alice.page, "hello");
  assertEquals(await alice.page.evaluate(() => "serviceWorker" in navigator), false);
  assertEquals(site.requested.includes("/chat/service-worker.js"), false);
  // Chromium says so of the header on every page over plain HTTP.
  assertEquals(errors.all.filter((error) => !error.includes("Cross-Origin-Opener-Policy")), []);
});
