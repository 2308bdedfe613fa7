import { assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import type { Locator } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";
import { PUBLISH_KEY, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { publishNotices } from "./publish_notices.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const SETTINGS = { API_KEYS: `shop:publish:${PUBLISH_KEY}`, PUBLISH_AS: "shop:Support" };

Deno.test("[U80] a message that a back end publishes under a name is marked, on the page and in the widget", async () => {
  await using site = ForeignSite.open();
  await withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.joinRoom("support");
    const bob = new WidgetPage(await chat.openPage(new Shop(site).page(chat)));
    await bob.enter("bob");
    await bob.say("hello");
    // The widget shows it before it is sent.
    await alice.sees("hello");

    const to = "room:support";
    await publishNotices(chat, { to, as: "Support", text: "from the back end" }, {
      to,
      text: "from the system",
    });

    const names = ["bob", "Support System", "System"];
    const shown = async (senders: Locator) => {
      const found = await senders.allTextContents();
      return found.map((sender) => sender.replace(/(?<=.)System$/, " System"));
    };
    await assertSoon(() => shown(alice.log.locator(".sender")), names);
    await assertSoon(() => shown(bob.panel.locator(".sender")), ["You", ...names.slice(1)]);
    const marks = alice.log.locator(".sender .name-mark");
    assertEquals(await marks.allTextContents(), ["System", "System"]);
  }, { ...SETTINGS, ALLOWED_ORIGINS: site.origin })();
});

Deno.test("[Q30] no guest can look like a name under which a back end publishes", async () => {
  await using server = await ServerProcess.start({ settings: SETTINGS });

  const response = await fetch(`${server.url}/api/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ displayName: "Supp0rt" }),
  });

  assertEquals((await response.json()).code, "name_reserved");
});
