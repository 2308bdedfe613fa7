/**
 * Takes pictures of all views and states of the page, the widget and the admin page, for developers to look at:
 * `deno task pictures FOLDER [PART]`. With a part of a name, such as `phone-dark`, only of those. `index.html` shows them all.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { NOTICES } from "../../client/ui/state/address.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { ADMIN_KEY, AdminPage } from "./admin_page.ts";
import { BrowserChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import * as views from "./picture_views.ts";
import { goTo, LOOKS, PUBLISH_KEY, SIZES, speak, type View, WORDS } from "./picture_views.ts";
import { AWAY, Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const [folder = "", part = ""] = Deno.args;
if (!folder) {
  console.error("Usage: deno task pictures FOLDER [PART]");
  Deno.exit(2);
}

/** How long in ms a state may take to appear. */
const TIMEOUT = 10_000;

await using site = ForeignSite.open();
await using chat = await BrowserChat.open({
  ALLOWED_ORIGINS: site.origin,
  API_KEYS: `pictures:publish+users:${PUBLISH_KEY},boss:admin:${ADMIN_KEY}`,
  GUEST_READ: "room:lobby,room:tea-*,room:support",
  GUEST_WRITE: "room:lobby,room:tea-*,room:support",
});
using remote = new RemoteChat(chat.url);
const shop = new Shop(site);
const taken: string[] = [];
await Deno.mkdir(folder, { recursive: true });

for (const [size, sized] of Object.entries(SIZES)) {
  for (const [look, looks] of Object.entries(LOOKS)) {
    const name = `${size}-${look}`;
    if (!name.includes(part)) continue;
    const isNarrow = size === "phone";
    const words = look === "arabic" ? WORDS.arabic : WORDS.english;
    const options = { ...sized, ...looks, locale: "en-GB", reducedMotion: "reduce" } as const;
    const view = { name, isNarrow, words, options };
    for (const pictures of [takePage, takeWidget, takeAdmin]) {
      await pictures(view).catch((error) => console.error(name, error));
    }
    await Promise.all(chat.browser.contexts().map((context) => context.close()));
  }
}
await views.writeIndex(folder, taken);
console.log(`${taken.length} pictures are in ${folder}`);
await chat[Symbol.asyncDispose]();
Deno.exit();

/** The page. */
async function takePage(view: View): Promise<void> {
  const { name, isNarrow, words } = view;
  const [own = "", bobsName = "", carolsName = ""] = words.names;
  const alice = await chat.visit(view.options);
  const { page } = alice;
  page.setDefaultTimeout(TIMEOUT);
  const shoot = (state: string) => take(page, `${name}-${state}`);
  const steps = stepsOf(name);
  await shoot("sign-in");
  await alice.signIn(own);
  const [bob, carol] = [await remote.signIn(bobsName), await remote.signIn(carolsName)];
  const room = `tea-${name}`;
  const channel = `room:${room}`;
  await views.fill(view, { alice, bob, carol, channel });
  if (isNarrow) await shoot("list");
  await steps("room", async () => {
    await goTo(alice, channel);
    await alice.log.getByText(words.answer).first().waitFor();
    await shoot("room");
  });
  const last = alice.log.locator(".message").filter({ hasText: words.answer }).last();
  await steps("replying", async () => {
    await alice.composer.focus();
    await page.keyboard.press("Escape");
    await goTo(alice, channel);
    await last.evaluate((item) => item instanceof HTMLElement && item.focus());
    await page.keyboard.press("r");
    await alice.composer.fill(words.answer);
    await shoot("replying");
    await alice.button("Cancel reply").click();
    await alice.composer.fill("");
  });
  await steps("editing", async () => {
    await alice.composer.fill(words.texts[0] ?? "");
    await alice.button("Send").click();
    await page.waitForFunction(() =>
      document.querySelector(".message:last-child[data-id] .delivery")
    );
    await alice.composer.focus();
    await page.keyboard.press("ArrowUp");
    await page.locator(".edit").waitFor();
    await shoot("editing");
    await page.keyboard.press("Escape");
  });
  await steps("reactions", async () => {
    await last.evaluate((item) => item instanceof HTMLElement && item.focus());
    await last.getByRole("button", { name: "React", exact: true }).click();
    await shoot("reactions");
    await page.keyboard.press("Escape");
  });
  await steps("picker", async () => {
    await alice.button("Emoji").click();
    await page.locator(".emoji-picker input").waitFor();
    await shoot("picker");
    await page.keyboard.press("Escape");
  });
  await steps("switcher", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
    await shoot("switcher");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
  await steps("menu", async () => {
    if (isNarrow) await page.goBack();
    await alice.conversation(room).click({ button: "right" });
    await shoot("menu");
    await page.keyboard.press("Escape");
    if (isNarrow) await goTo(alice, channel);
  });
  await steps("files", async () => {
    const file = { name: "sky.txt", mimeType: "text/plain", buffer: Buffer.from("sky") };
    await page.locator(".writing input[type=file]").setInputFiles([file]);
    await page.locator(".attached").first().waitFor();
    await shoot("attached");
    await alice.button("Send").click();
    await page.locator(".files li > *").first().waitFor();
    await shoot("file");
  });
  await steps("search", async () => {
    await alice.button("Search messages").click();
    await page.locator(".search-panel .search").fill(words.texts[0]?.split(" ")[0] ?? "");
    await page.locator(".hit").first().waitFor();
    await shoot("search");
    await page.keyboard.press("Escape");
  });
  await steps("unread", async () => {
    await alice.openOptions();
    await alice.button("Mark unread").click();
    await page.locator(".new-line").first().waitFor();
    await shoot("unread");
    await goTo(alice, "room:lobby");
    await goTo(alice, channel);
  });
  await steps("options", async () => {
    await alice.openOptions();
    await shoot("options");
    await page.keyboard.press("Escape");
  });
  await steps("people", async () => {
    const people = page.getByRole("button", { name: "Show people" });
    if (!await people.isVisible()) return;
    await people.click();
    await shoot("people");
    await page.goBack();
  });
  await steps("direct", async () => {
    await goTo(alice, `direct:${bob.publicToken}`);
    await alice.log.getByText(words.answer).first().waitFor();
    await shoot("direct");
  });
  await steps("notices", async () => {
    await goTo(alice, "room:lobby");
    await views.publish(chat.url, words.texts[0] ?? "");
    await page.locator(".popup").first().waitFor();
    await shoot("popup");
    await goTo(alice, NOTICES);
    await shoot("notices");
  });
  await steps("empty", async () => {
    await goTo(alice, `room:tea-empty-${name}`);
    await page.locator(".empty, .start").first().waitFor();
    await shoot("empty");
  });
  await steps("refused", async () => {
    await goTo(alice, "room:secret");
    await page.locator(".conversation").getByText("don’t have permission").waitFor();
    await shoot("refused");
  });
  await steps("loading", async () => {
    await page.route("**/messages?*", () => {});
    await goTo(alice, `room:tea-loading-${name}`);
    await page.locator(".skeleton").waitFor();
    await shoot("loading");
    await page.unroute("**/messages?*");
  });
  await steps("outage", async () => {
    await goTo(alice, channel);
    await page.context().setOffline(true);
    await page.locator("[data-wrong]").waitFor();
    await alice.composer.fill(words.answer);
    await alice.button("Send").click();
    await shoot("outage");
  });
  await steps("dialogs", async () => {
    if (isNarrow) await page.locator(".conversation-header .back").click();
    await alice.openSettings();
    await shoot("settings");
    await alice.button("Sign out").click();
    await alice.dialog.waitFor();
    await shoot("sign-out");
    await page.keyboard.press("Escape");
    await page.context().setOffline(false);
    await alice.isConnected();
    for (
      const [button, state] of [["Use on another device…", "transfer"], ["Change name…", "name"]]
    ) {
      if (!await alice.settings.isVisible()) await alice.openSettings();
      await alice.button(button ?? "").click();
      await alice.dialog.waitFor();
      await alice.dialog.locator("svg, input").first().waitFor();
      await shoot(state ?? "");
      await page.keyboard.press("Escape");
      await alice.dialog.waitFor({ state: "detached" });
    }
    // Devices without a keyboard do not offer them.
    if (view.options.hasTouch) return;
    if (!await alice.settings.isVisible()) await alice.openSettings();
    await alice.button("Keyboard shortcuts").click();
    await alice.dialog.waitFor();
    await shoot("keys");
  });
}

/** The widget. */
async function takeWidget({ name, options, words }: View): Promise<void> {
  const [own = ""] = words.names;
  const direction = name.endsWith("arabic") ? `<script>document.dir = "rtl"</script>` : "";
  const open = async (attributes: string, room?: string) => {
    const page = shop.page(chat, attributes, { head: direction, ...(room && { room }) });
    return new WidgetPage(await chat.openPage(page, options));
  };
  const closed = await open(`data-title="${words.names[2]}" data-team="${words.names[1]}"`);
  await closed.launcher.waitFor();
  await take(closed.page, `${name}-widget-closed`);
  await closed.launcher.click();
  await closed.nameField.waitFor();
  await take(closed.page, `${name}-widget-sign-in`);
  await closed.enterName(own);
  await closed.composer.fill(words.texts[0] ?? "");
  await closed.panel.getByRole("button", { name: "Send" }).click();
  const team = await remote.signIn(words.names[1] ?? "");
  await team.say("room:support", words.texts[1] ?? "");
  await closed.panel.getByLabel("Sent", { exact: true }).first().waitFor();
  await take(closed.page, `${name}-widget-open`);
  const away = await open(`${AWAY} data-title="${words.names[2]}"`);
  await away.launcher.click();
  await away.panel.getByRole("textbox").first().waitFor();
  await take(away.page, `${name}-widget-away`);
  const refused = await open("", `data-room="secret"`);
  await refused.launcher.click();
  await refused.panel.getByRole("alert").waitFor();
  await take(refused.page, `${name}-widget-refused`);
}

/** The admin page. */
async function takeAdmin({ name, options }: View): Promise<void> {
  const entrance = await AdminPage.visit(chat, options);
  await take(entrance.page, `${name}-admin-sign-in`);
  const admin = await AdminPage.signIn(chat, options);
  const { page } = admin;
  page.setDefaultTimeout(TIMEOUT);
  await take(page, `${name}-admin`, { fullPage: true });
  await admin.field("Message ID or public token").fill("3");
  await admin.button("Look up").click();
  await page.locator(".sums").waitFor();
  await take(page, `${name}-admin-trace`);
  await stepsOf(name)("ban", async () => {
    await admin.sessions.getByRole("button", { name: /^Ban/ }).first().click();
    await page.getByRole("dialog").waitFor();
    await take(page, `${name}-admin-ban`);
  });
}

/** Runs the steps to a state; says if one cannot be reached. */
function stepsOf(name: string) {
  return async (state: string, steps: () => Promise<void>) => {
    await steps().catch((error) => console.error(`${name}-${state}: ${error.message}`));
  };
}

async function take(page: Page, name: string, options = {}): Promise<void> {
  const path = join(folder, `${name}.png`);
  const isArabic = name.includes("-arabic-") && !/-(widget|admin)/.test(name);
  if (isArabic) await speak(page, "ar");
  await page.screenshot({ path, animations: "disabled", caret: "hide", ...options });
  if (isArabic) await speak(page, "en");
  taken.push(name);
}
