import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { DICTIONARIES } from "../../client/ui/i18n/dictionaries.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { FilesPage } from "./files_page.ts";
import { speak } from "./picture_views.ts";
import { overflows } from "./overflows.ts";
import { assertSoon } from "./assert_soon.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** The texts of labels and buttons that do not fit. Names of people and conversations may be shortened. */
async function clipped({ page }: ChatPage): Promise<readonly string[]> {
  return await page.evaluate(() => {
    // A field that is too narrow for its placeholder shows where that is cut.
    const cut = [...document.querySelectorAll<HTMLElement>(":placeholder-shown")]
      .filter((one) => one.checkVisibility() && getComputedStyle(one).textOverflow !== "ellipsis")
      .map((one) => `${one.tagName}: ${one.getAttribute("placeholder")}`);
    const labels = "button, label, legend, h1, h2, h3, summary, a.primary, .hint, .section-title";
    const labelled = [...document.querySelectorAll<HTMLElement>(labels)]
      .filter((one) => one.checkVisibility() && one.textContent?.trim())
      .filter((one) => !one.matches(".conversation-header h2, .self, [data-channel]"))
      .filter((one) => getComputedStyle(one).overflowX !== "visible" || one.matches("button"))
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
      .map((one) => `${one.className}: ${one.textContent}`);
    return [...cut, ...labelled];
  });
}

for (const [tag, { sentences: { chat: words, page } }] of Object.entries(DICTIONARIES)) {
  for (const width of [320, 1280]) {
    Deno.test(
      `[U303] in ${tag}, labels and buttons are whole at ${width} pixels`,
      withChat(async (chat) => {
        const alice = await chat.visit({ locale: tag, viewport: { width, height: 720 } });
        const found = [...await clipped(alice), ...await overflows(alice)];
        await alice.page.getByRole("textbox").fill("alice");
        await alice.button(page.signIn).click();
        await alice.page.locator(".composer textarea").waitFor({ state: "attached" });
        await alice.openSettings();
        found.push(...await clipped(alice), ...await overflows(alice));
        await alice.page.keyboard.press("Escape");
        await alice.page.locator('[data-channel="room:lobby"]').click();
        await alice.page.locator(".composer textarea").fill("hello");
        await alice.page.getByRole("button", { name: words.send, exact: true }).click();
        await alice.page.locator(".message").getByText("hello").waitFor();
        found.push(...await clipped(alice), ...await overflows(alice));
        await alice.page.locator(".composer textarea").blur();
        await alice.page.keyboard.press("?");
        await alice.dialog.waitFor();
        found.push(...await clipped(alice), ...await overflows(alice));
        const heading = alice.dialog.getByRole("heading");
        assertEquals(await heading.evaluate((one) => one.getBoundingClientRect().top > 0), true);

        assertEquals(found, []);
      }),
    );
  }
}

Deno.test(
  "[U303] in German, a message with files that waits for the connection is whole at 320 pixels",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 320, height: 720 } });
    await alice.select("Lobby");
    const files = new FilesPage(alice);
    // German is loaded while there is a server.
    for (const tag of ["de", "en"]) await speak(alice.page, tag);
    await files.give("paste", { name: "a.txt", mimeType: "text/plain", content: "hello" });
    await assertSoon(() => files.attached(), ["a.txt"]);
    await chat.kill();
    await alice.say("written offline");
    await assertSoon(() => files.queued(), ["written offline, a.txt"]);

    await speak(alice.page, "de");

    assertEquals([...await clipped(alice), ...await overflows(alice)], []);
    const name = alice.page.locator(".queued .file-name");
    assertEquals(await name.evaluate((one) => one.scrollWidth <= one.clientWidth), true);
  }),
);

Deno.test(
  "[U302] in Arabic, the page is mirrored, and the arrow keys lead where they point",
  withChat(async (chat) => {
    const alice = await chat.visit({ locale: "ar" });
    await alice.page.getByRole("textbox").fill("alice");
    await alice.page.locator("button[type=submit]").click();
    await alice.page.locator(".sidebar").waitFor();
    const root = alice.page.locator("html");

    await assertSoon(() => root.getAttribute("dir"), "rtl");
    await assertSoon(() => root.getAttribute("lang"), "ar");
    const list = await alice.page.locator(".sidebar").boundingBox();
    const conversation = await alice.page.locator(".conversation").boundingBox();
    assertEquals(list!.x > conversation!.x, true);
    await alice.page.getByRole("button", { name: "رموز تعبيرية" }).click();
    const options = alice.page.getByRole("listbox").getByRole("option");
    await options.first().waitFor();
    const active = () =>
      alice.page.evaluate(() => {
        const id = document.querySelector(".emoji-grid input")
          ?.getAttribute("aria-activedescendant") ?? "";
        return document.getElementById(id)?.getAttribute("aria-label") ?? null;
      });
    const names = await options.evaluateAll((all) =>
      all.slice(0, 2).map((one) => one.getAttribute("aria-label"))
    );
    await assertSoon(active, names[0]!);
    await alice.page.keyboard.press("ArrowLeft");
    await assertSoon(active, names[1]!);
    await alice.page.keyboard.press("ArrowRight");
    await assertSoon(active, names[0]!);
  }),
);

Deno.test(
  "[T60] the widget is in Arabic with data-lang, and its button stays in its corner",
  withShop(async (chat, shop) => {
    const alice = new WidgetPage(
      await chat.openPage(shop.page(chat, `data-lang="ar" data-name="alice" data-open`)),
    );

    await alice.composer.waitFor();

    await assertSoon(() => alice.panel.evaluate((one) => getComputedStyle(one).direction), "rtl");
    await assertSoon(() => alice.launcher.getAttribute("aria-label"), "إغلاق الدردشة");
    await assertSoon(() => alice.composer.getAttribute("aria-label"), "رسالة");
    const { x, width } = await alice.launcher.boundingBox() ?? { x: 0, width: 0 };
    assertEquals(x + width > 1000, true);
  }),
);

Deno.test(
  "[T60] without the language of data-lang, the widget is in English",
  withShop(async (chat, shop) => {
    chat.errors.expect("network");
    chat.errors.expect("cors");
    chat.errors.expect("refusal");
    const alice = new WidgetPage(
      await chat.openPage(shop.page(chat, `data-lang="nl" data-name="alice" data-open`)),
    );

    await alice.composer.waitFor();

    await assertSoon(() => alice.composer.getAttribute("aria-label"), "Message");
  }),
);

Deno.test(
  "[U411] last messages in the list begin at the edge of the list, whatever their direction",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const [english, arabic] = [
      await chat.signIn("alice", { locale: "en-GB" }),
      await chat.visit({ locale: "ar" }),
    ];
    await arabic.page.getByRole("textbox").fill("أليس");
    await arabic.page.locator("button[type=submit]").click();
    for (const [{ page }, edge] of [[english, "left"], [arabic, "right"]] as const) {
      for (const text of ["hello", "مرحبا"]) {
        await bob.say("room:lobby", text);
        const { of, at } = await page.locator(`.last:has-text("${text}")`).evaluate(
          (element, edge) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            const [of, at] = [element.getBoundingClientRect(), range.getBoundingClientRect()];
            return { of: Math.round(of[edge]), at: Math.round(at[edge]) };
          },
          edge,
        );
        assertEquals(at, of, text);
      }
    }
  }),
);
