/**
 * Takes the screenshots in docs/images: `deno run -A --config tests/deno.json tests/browser/screenshots.ts`.
 *
 * @module
 */
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { Message } from "../../server/protocol/message.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { ADMIN_KEY, AdminPage } from "./admin_page.ts";
import { BrowserChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const FOLDER = join(import.meta.dirname!, "../../docs/images");

/** The time that the screenshots show. Messages that are sent while they are taken have real times. */
const NOW = Date.now();

/** The sender, the room, how many minutes ago, and the text. */
const CONVERSATION = [
  ["Carol", "room:observing", 190, "Telescope 2 is free again, the mirror is clean."],
  ["Edmund", "room:observing", 175, "I’ll take it from ten to midnight."],
  ["Bob", "room:lobby", 46, "Clear sky over the valley. Is anybody going up tonight?"],
  ["Carol", "room:lobby", 44, "Yes! Edmund and I will be there from nine."],
  ["Alice", "room:lobby", 41, "Where do I have to look? I have only binoculars."],
  [
    "Edmund",
    "room:lobby",
    39,
    "Binoculars are just right.\nLow in the west, left of Altair, an hour after sunset. It has a short tail, like a smudge of chalk.",
  ],
  ["梅", "room:lobby", 33, "上海这边多云，拜托多拍几张照片！"],
  ["Bob", "room:lobby", 31, "We will, 梅. I’ll put them here before midnight."],
  ["Alice", "room:lobby", 12, "Got it, just above the roofs! It is so bright."],
  ["Alice", "room:lobby", 12, "A tunnel is coming. I’ll read on at the other end."],
  ["Edmund", "room:lobby", 9, "Take your time. It comes back, and so will your messages."],
] as const;

/** A direct message to Alice while she reads the lobby. */
const DIRECT = "Shall I pick you up at the station?";

await using site = ForeignSite.open();
await using chat = await BrowserChat.open({
  ALLOWED_ORIGINS: site.origin,
  API_KEYS: `pictures:publish+users:a-key-of-22-characters,boss:admin:${ADMIN_KEY}`,
});
using remote = new RemoteChat(chat.url);
const people = await signInAll(["Alice", "Bob", "Carol", "Edmund", "梅"]);
for (const [name, channel, , text] of CONVERSATION) await people[name].say(channel, text);
const alice = await open(people.Alice, { viewport: { width: 1200, height: 760 } });
await people.Bob.say(`direct:${people.Alice.publicToken}`, DIRECT);
await alice.conversation("Bob").locator(".unread").waitFor();
await people.Carol.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
await alice.page.getByText("Carol is typing").waitFor();

await take(alice, "room.png");
await alice.page.emulateMedia({ colorScheme: "dark" });
await take(alice, "room-dark.png");
const viewport = { width: 390, height: 760 };
const phone = await open(people.Alice, { viewport, deviceScaleFactor: 1.5, hasTouch: true });
await phone.conversation("Lobby").tap();
await phone.log.getByText("It comes back").waitFor();
await take(phone, "phone.png");

const small = { viewport: { width: 1100, height: 640 } };
await take(await chat.visit({ ...small, locale: "en-GB" }), "sign-in.png");
await takeDirect();
await takeWidget();
await takeNotices();
await takeAdmin();
await takeOutbox();

/** A direct conversation with read and delivered messages. */
async function takeDirect(): Promise<void> {
  const bob = await open(people.Bob, small);
  const carol = await open(people.Carol, small);
  await bob.openDirect("Carol");
  await bob.say("Did you get the pictures of the tail?");
  await carol.select("Bob");
  await carol.say("Yes! The third one is beautiful.");
  await bob.log.getByText("The third one").waitFor();
  await bob.say("Then I’ll hang that one in the office.");
  await bob.log.getByLabel("Read", { exact: true }).nth(1).waitFor();
  await carol.select("Lobby");
  await bob.say("A4 or bigger?");
  await bob.log.getByLabel("Delivered", { exact: true }).waitFor();
  await take(bob, "direct.png");
}

/** The widget on another site. */
async function takeWidget(): Promise<void> {
  const style = "<style>body { font: 1.1rem/1.6 Georgia, serif; max-width: 40rem; margin: 3rem; " +
    "color: #432 } h1 { color: #834 }</style>";
  const attributes = `data-title="Ask us" data-team="Edmund and Carol, telescopes" ` +
    `data-color="#883344" data-name="Nora"`;
  const url = new Shop(site).page(chat, attributes, { head: style });
  const page = await chat.openPage(url, { ...small, locale: "en-GB" });
  const shop = new WidgetPage(page);
  await shop.launcher.click();
  await shop.say("Which binoculars are good for comets?");
  await shop.panel.getByLabel("Sent", { exact: true }).waitFor();
  await people.Edmund.say(
    "room:support",
    "7 × 50. They are bright, and your hands need no tripod.",
  );
  await shop.panel.getByText("no tripod").waitFor();
  await takePage(page, "widget.png");
}

/** Notices as popups. */
async function takeNotices(): Promise<void> {
  const carol = await open(people.Carol, small);
  for (
    const [title, text] of [
      ["The dome opens at nine", "Please be there ten minutes early, and switch off your lights."],
      ["Telescope 3", "Its motor has been repaired."],
    ]
  ) {
    await fetch(`${chat.url}/api/publish`, {
      method: "POST",
      headers: {
        authorization: "Bearer a-key-of-22-characters",
        "content-type": "application/json",
      },
      body: JSON.stringify({ to: "everyone", title, text }),
    });
  }
  await carol.page.locator(".popup-older").waitFor();
  await take(carol, "notices.png");
}

/** The admin page after some activity. */
async function takeAdmin(): Promise<void> {
  const admin = await AdminPage.signIn(chat, {
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
  });
  for (let second = 0; second < 40; second++) {
    for (let n = 0; n < 2 + 6 * Math.sin(second / 6) ** 2; n++) {
      await people.Carol.say("room:observing", `${second}.${n}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await admin.field("Message ID or public token").fill("11");
  await admin.button("Look up").click();
  await admin.page.locator(".sums").waitFor();
  await takePage(admin.page, "admin.png");
}

/** Messages in the outbox while the server is down. */
async function takeOutbox(): Promise<void> {
  const edmund = await open(people.Edmund, small);
  await edmund.log.getByText("It is so bright").waitFor();
  await chat.kill();
  await edmund.say("The fog is coming up from the lake.");
  await edmund.say("I’ll close the dome at eleven if it stays.");
  await edmund.page.getByText(/^Retrying in ([2-9]|\d\d) s/).first().waitFor();
  await take(edmund, "outbox.png");
}

/** Signs people in and lets them poll the lobby. */
async function signInAll<Name extends string>(
  names: readonly Name[],
): Promise<Record<Name, RemoteUser>> {
  const entries = names.map(async (name) => {
    const person = await remote.signIn(name);
    const { cursor } = await person.poll();
    const state = name === "梅" ? "background" : "active";
    person.poll({ channels: ["room:lobby"], cursor, state }).catch(() => {});
    return [name, person] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, RemoteUser>;
}

/** Opens the page of a signed-in user, with the times of `CONVERSATION`. */
async function open(person: RemoteUser, options: BrowserContextOptions): Promise<ChatPage> {
  const shown = await chat.visit({ ...options, locale: "en-GB", reducedMotion: "reduce" });
  await shown.page.route("**/messages?*", async (route) => {
    const response = await route.fetch();
    const { messages, more } = await response.json();
    await route.fulfill({ response, json: { messages: messages.map(backdated), more } });
  });
  const { publicToken, privateToken, displayName, settings } = person;
  const stored = {
    "halley.session": { publicToken, privateToken, displayName, settings },
    "halley.conversations": { owner: publicToken, value: [{ channel: "room:observing" }] },
  };
  await shown.page.evaluate((stored) => {
    for (const [key, value] of Object.entries(stored)) localStorage[key] = JSON.stringify(value);
  }, stored);
  await shown.page.reload();
  await shown.isConnected();
  return shown;
}

function backdated(message: Message): Message {
  const [, , minutes = 0] = CONVERSATION.find(([, , , text]) => text === message.text) ?? [];
  return { ...message, at: NOW - minutes * 60_000 };
}

async function take({ page }: ChatPage, name: string): Promise<void> {
  await takePage(page, name);
}

async function takePage(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, name), animations: "disabled", caret: "hide" });
}
