import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "acorn";
import { hasPackagedBrowsers, openOldBrowser } from "../support/browser.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { hidePage } from "./hide_page.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const BUILT = new URL("../../static/built/", import.meta.url);

/** Functions that Chrome 109, Firefox 115 or Safari 16.4 lacks. */
const TOO_NEW = new RegExp(
  [
    String.raw`\.(toReversed|toSorted|toSpliced|isWellFormed|toWellFormed|fromAsync|groupBy)\(`,
    String
      .raw`\.(intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(`,
    String
      .raw`\.(toBase64|toHex|setFromBase64|checkVisibility|togglePopover|startViewTransition)\(`,
    String
      .raw`\b(Promise\.(withResolvers|try)|AbortSignal\.any|URL\.(canParse|parse)|RegExp\.escape)\b`,
    String
      .raw`\b(Intl\.(Segmenter|DurationFormat)|Iterator\.(from|concat)|popovertarget|requestIdleCallback)\b`,
  ].join("|"),
  "g",
);

/** CSS that one of them lacks; a rule with it would do nothing there. `:has()` and `:dir()` only decorate. */
const TOO_NEW_CSS =
  /light-dark\(|color-mix\(|oklch\(|oklab\(|:popover-open|@scope|@property|[{;]&/g;

const isIgnored = !hasPackagedBrowsers; // There is no Chromium 109 for this system.

Deno.test("[U62] scripts are ECMAScript 2022 without newer functions, and style sheets are lowered", async () => {
  const built = [...Deno.readDirSync(BUILT)].map(({ name }) => name);
  const files = built.filter((name) => !name.endsWith(".br")).sort();
  const found: Record<string, unknown> = {};
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(file, BUILT));
    const newer = text.match(file.endsWith(".css") ? TOO_NEW_CSS : TOO_NEW);
    if (newer) found[file] = newer;
    if (file.endsWith(".js")) parse(text, { ecmaVersion: 2022, sourceType: "module" });
  }
  parse(await Deno.readTextFile(new URL("../needs.js", BUILT)), { ecmaVersion: 5 });

  assertEquals(found, {});
  assertStringIncludes(files.join(), "admin.css,admin.js,app.js");
});

Deno.test({
  name: "[U62] the page works in Chrome 109",
  ignore: isIgnored,
  fn: withChat(
    async (chat) => {
      assertEquals(chat.browser.version().split(".")[0], "109");
      const alice = await chat.signIn("alice", { colorScheme: "light" });
      const bob = await chat.signIn("bob", { colorScheme: "light" });
      const ground = () =>
        alice.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

      await alice.say("hello 🎉");
      await bob.say("😀");
      await bob.sees("hello 🎉", "😀");
      await bob.log.locator("[data-large]").waitFor();
      await bob.openDirect("alice");
      await hidePage(alice.page);
      await bob.say("hello @alice");
      await assertSoon(() => alice.page.title(), "(1) Lobby · Halley");

      await hidePage(alice.page, false);
      assertEquals(await alice.settings.isVisible(), false);
      assertEquals(await ground(), "rgb(243, 244, 249)");
      await alice.openSettings();
      await alice.page.getByRole("radio", { name: "Dark" }).check();
      await assertSoon(ground, "rgb(13, 17, 34)");
      await alice.page.keyboard.press("Escape");
      await assertSoon(() => alice.settings.isVisible(), false);
      // A nested rule.
      const corner = () =>
        alice.button("Send").evaluate((button) => getComputedStyle(button).borderRadius);
      assertEquals(await corner(), "50%");
    },
    {},
    openOldBrowser,
  ),
});

Deno.test({
  name: "[U62] the widget works in Chrome 109",
  ignore: isIgnored,
  fn: withShop(async (chat, shop) => {
    const alice = new WidgetPage(
      await chat.openPage(shop.page(chat, 'data-theme="dark"'), { colorScheme: "light" }),
    );

    await alice.enter("alice");
    await alice.say("Which telescope is for children?");

    await alice.sees("Which telescope is for children?");
    const panel = () => alice.panel.evaluate((it) => getComputedStyle(it).backgroundColor);
    assertEquals(await panel(), "rgb(20, 26, 46)");
  }, openOldBrowser),
});

Deno.test({
  name: "[U62] the admin page opens in Chrome 109",
  ignore: isIgnored,
  fn: withChat(
    async (chat) => {
      const page = await chat.openPage(`${chat.url}/admin`);

      await page.getByRole("textbox").first().waitFor();
      assertEquals(await page.locator("#needs").count(), 0);
    },
    {},
    openOldBrowser,
  ),
});

Deno.test({
  name: "[U63] a browser that cannot run the page's scripts shows what is needed",
  ignore: isIgnored,
  fn: withChat(
    async (chat) => {
      const page = await chat.openPage("about:blank");
      await page.route(
        "**/built/app.*",
        (route) => route.fulfill({ contentType: "text/javascript", body: "/[a--b]/v" }),
      );

      await page.goto(chat.url);

      await page.getByText("It needs Chrome or Edge 109, Firefox 115, Safari 16.4").waitFor();
      assertEquals(chat.errors.all.splice(0), ["error: Invalid regular expression flags"]);
    },
    {},
    openOldBrowser,
  ),
});

Deno.test(
  "[U63] a page without JavaScript says that it needs it",
  withChat(async (chat) => {
    const context = await chat.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();

    await page.goto(chat.url);

    const sentence = page.locator("noscript");
    assertStringIncludes(await sentence.innerText(), "This page needs JavaScript.");
    const box = await sentence.locator("p").boundingBox();
    assertEquals(box !== null && box.y < 300, true);
    assertEquals(await page.locator("#needs").isVisible(), false);
  }),
);
