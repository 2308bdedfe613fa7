import { assertEquals, assertNotEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

Deno.test(
  "[J24] the list of sessions can be sorted by name, or with the newest first",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    for (const name of ["alice", "guest 10", "guest 9"]) {
      await (await remote.signIn(name)).poll();
    }
    const admin = await AdminPage.signIn(chat);

    await assertSoon(() => admin.names(), ["alice", "guest 9", "guest 10"]);
    await admin.field("Sort by").selectOption({ label: "Newest first" });

    await assertSoon(() => admin.names(), ["guest 9", "guest 10", "alice"]);
  }, KEY_SETTINGS),
);

/** The places of all cards and metrics. */
function places(page: Page): Promise<string[]> {
  return page.locator(".card, .metric").evaluateAll((all) =>
    all.map((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left, top, width, height].map(Math.round).join(" ");
    })
  );
}

for (const [device, width] of [["a wide screen", 1280], ["a phone", 390]] as const) {
  Deno.test(
    `[J28] on ${device} nothing moves while figures change, people come, and the server goes`,
    withChat(async (chat) => {
      using remote = new RemoteChat(chat.url);
      const viewport = { width, height: 800 };
      const admin = await AdminPage.signIn(chat, { viewport });
      const before = await places(admin.page);

      for (let n = 0; n < 12; n++) {
        const user = await remote.signIn(`guest ${n}`);
        await user.poll({ channels: ["room:lobby"] });
        await user.say("room:lobby", "hello");
      }
      await admin.session("guest 11").waitFor();
      const during = await places(admin.page);
      await chat.kill();
      await admin.page.getByText("The server isn’t responding").waitFor();

      assertEquals(during, before);
      assertEquals(await places(admin.page), before);
      await chat.restart();
    }, KEY_SETTINGS),
  );
}

Deno.test(
  "[J29] the figures of a server that does not answer are grey, with the time of its last answer",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat);
    const colour = () => admin.metric("parked").evaluate((one) => getComputedStyle(one).color);
    const before = await colour();

    await chat.kill();
    await admin.page.getByText(/Last answer: \d\d:\d\d:\d\d/).waitFor();
    assertNotEquals(await colour(), before);
    await chat.restart();

    await assertSoon(() => colour(), before);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J30] errors are in the language of the page",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const admin = await AdminPage.signIn(chat, { locale: "zh-CN" });
    const alert = admin.page.getByRole("alert");

    await admin.page.locator("#trace-target").fill("999");
    await admin.page.locator("#trace-target").press("Enter");
    await assertSoon(() => alert.textContent(), "找不到，可能已被删除。");
    await admin.field("语言").selectOption("en");

    await assertSoon(() => alert.textContent(), "There is no message 999");
  }, KEY_SETTINGS),
);
