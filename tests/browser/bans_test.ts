import { assertEquals } from "@std/assert";
import type { LiveSessionsReply } from "../../server/protocol/admin_replies.ts";
import type { BanRequest } from "../../server/protocol/requests.ts";
import { waitUntil } from "../support/wait_until.ts";
import { ADMIN_KEY, KEY_SETTINGS } from "./admin_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

async function request(chat: BrowserChat, method: string, query: string, ban?: BanRequest) {
  const response = await fetch(`${chat.url}/api/admin/bans${query}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
    ...(ban !== undefined && { body: JSON.stringify(ban) }),
  });
  await response.body?.cancel();
  assertEquals(response.ok, true);
}

/** The public tokens of those who poll. */
async function liveSessions(chat: BrowserChat): Promise<string[]> {
  const response = await fetch(`${chat.url}/api/admin/sessions`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  const { sessions }: LiveSessionsReply = await response.json();
  return sessions.map(({ publicToken }) => publicToken);
}

Deno.test(
  "[R47] all tabs of a banned session stop, and send no more polls",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    await second.isConnected();
    const polls: string[] = [];

    await request(chat, "POST", "", { session: await alice.publicToken() });
    for (const { page } of [alice, second]) {
      await page.getByText("An administrator has banned you.").waitFor();
      page.on("request", (sent) => polls.push(sent.url()));
    }
    const bob = await chat.signIn("bob");
    await bob.say("hello");

    assertEquals(polls.filter((url) => url.includes("/api/poll")), []);
  }, KEY_SETTINGS),
);

Deno.test(
  "[R48] the page says until when and why somebody is banned, and then continues the guest’s session",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    await alice.say("hello");
    const token = await alice.publicToken();
    const alert = alice.page.getByRole("alert");

    const duration = 86_400_000;
    await request(chat, "POST", "", { session: token, duration, reason: "Spam in all rooms" });
    const year = String(new Date(Date.now() + duration).getFullYear());
    await assertSoon(async () => (await alert.textContent())?.includes(`until`), true);
    await assertSoon(async () => (await alert.textContent())?.includes(year), true);
    await assertSoon(async () => (await alert.textContent())?.includes("Spam in all rooms"), true);
    await alice.page.reload();
    await alert.getByText("Spam in all rooms").waitFor();
    await request(chat, "DELETE", `?session=${token}`);
    await alice.page.reload();

    await alice.sees("hello");
    assertEquals(await alice.publicToken(), token);
  }, KEY_SETTINGS),
);

Deno.test(
  "[R48] the widget says that the visitor is banned, in Chinese, too",
  async () => {
    await using site = ForeignSite.open();
    await withChat(async (chat) => {
      chat.errors.expect("refusal");
      const url = new Shop(site).page(chat, `data-name="alice" data-lang="zh"`);
      const alice = new WidgetPage(await chat.openPage(url));
      await alice.launcher.click();
      await alice.say("hello");
      let session = "";
      await waitUntil(async () => {
        [session = ""] = await liveSessions(chat);
        return session !== "";
      }, "the visitor polls");

      await request(chat, "POST", "", { session, reason: "刷屏" });

      await alice.widget.getByText("管理员已封禁你。 刷屏").waitFor();
    }, { ...KEY_SETTINGS, ALLOWED_ORIGINS: site.origin })();
  },
);
