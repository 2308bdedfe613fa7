import { assertEquals, assertMatch } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { ADMIN_KEY, AdminPage, KEY_SETTINGS, PUBLISH_ONLY_KEY } from "./admin_page.ts";
import { withChat } from "./browser_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";

Deno.test(
  "[J5] the page says whether a key is invalid or lacks the scope admin",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const admin = await AdminPage.visit(chat);
    const alert = admin.page.getByRole("alert");

    await admin.enterKey("a-key-that-nobody-has-set");
    await assertSoon(() => alert.textContent(), "This key is not valid.");
    await admin.enterKey(PUBLISH_ONLY_KEY);
    await assertSoon(
      () => alert.textContent(),
      "This key doesn’t have the admin scope.",
    );
  }, KEY_SETTINGS),
);

Deno.test(
  "[J5] the key stays in its tab until the administrator signs out, and is never part of a URL",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat);
    const addresses: string[] = [];
    admin.page.on("request", (request) => addresses.push(request.url()));
    const stored = () =>
      admin.page.evaluate(() =>
        [Object.values(localStorage), Object.values(sessionStorage)].flat()
      );

    await admin.page.reload();
    await admin.metric("parked").waitFor();

    await assertSoon(() => admin.page.evaluate(() => Object.values(sessionStorage)), [ADMIN_KEY]);
    await assertSoon(() => admin.page.evaluate(() => Object.values(localStorage)), []);
    await admin.button("Sign out").click();
    await admin.field("Admin key").waitFor();
    await assertSoon(() => stored(), []);
    assertEquals(addresses.filter((address) => address.includes(ADMIN_KEY)), []);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J6] live sessions are listed with their rooms and found by name",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await chat.signIn("bob");
    await alice.joinRoom("tea");
    const admin = await AdminPage.signIn(chat);

    await assertSoon(() => admin.names(), ["alice", "bob"]);
    await assertSoon(
      async () => (await admin.session("alice").locator("td").nth(2).textContent())?.split(", "),
      ["lobby", "tea"],
    );
    const rooms = admin.page.getByRole("region", { name: "Rooms" }).locator("tbody tr");
    await assertSoon(() => rooms.allTextContents(), ["lobby2", "tea1"]);

    await admin.field("Search by name or public token").fill("BO");
    await assertSoon(() => admin.names(), ["bob"]);
    await admin.field("Search by name or public token").fill("carol");
    await admin.page.getByText("No matching sessions").waitFor();
  }, KEY_SETTINGS),
);

Deno.test(
  "[J8] a kick is confirmed first and signs the session out in every tab",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    const bob = await chat.signIn("bob");
    const admin = await AdminPage.signIn(chat);
    const dialog = admin.page.getByRole("dialog", { name: "Kick alice?" });

    await admin.button("Kick alice").click();
    await admin.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await assertSoon(() => alice.badge.textContent(), "Connected");
    await admin.button("Kick alice").click();
    await dialog.getByRole("button", { name: "Kick" }).click();

    await admin.page.getByText("alice was kicked.").waitFor();
    for (const { page } of [alice, second]) {
      await page.getByText("An administrator ended your session.").waitFor();
    }
    await assertSoon(() => admin.names(), ["bob"]);
    await assertSoon(() => bob.badge.textContent(), "Connected");
  }, KEY_SETTINGS),
);

Deno.test(
  "[J10] the metrics follow what happens, and each chart has a text alternative",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat);
    await assertSoon(() => admin.metric("parked").textContent(), "0");
    using remote = new RemoteChat(chat.url);

    const bob = await remote.signIn("bob");
    const { cursor } = await bob.poll();
    bob.poll({ cursor, channels: ["room:tea"], hold: 55_000 }).catch(() => {});

    await assertSoon(() => admin.metric("parked").textContent(), "1");
    await assertSoon(() => admin.metric("present").textContent(), "1");
    for (let n = 0; n < 20; n++) await bob.say("room:milk", "hello");
    const chart = admin.page.locator("[data-metric=messages]").getByRole("img");
    await assertSoon(
      async () => /peak (?!0 )[\d.]+ per second/.test(await chart.getAttribute("aria-label") ?? ""),
      true,
    );
    assertMatch(await chart.locator(".line").getAttribute("d") ?? "", /^M/);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J11] the page says when the server is down, and continues when it is back",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat);

    await chat.kill();
    await admin.page.getByText("The server isn’t responding. Retrying…").waitFor();
    await chat.restart();

    await admin.page.getByText("The server isn’t responding").waitFor({ state: "detached" });
  }, KEY_SETTINGS),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[J12] the admin page has no accessibility violations in ${colorScheme}`,
    withChat(async (chat) => {
      await chat.signIn("alice");
      const admin = await AdminPage.visit(chat, { colorScheme, reducedMotion: "reduce" });
      const keyForm = await accessibilityViolations(admin.page);
      await admin.enterKey(ADMIN_KEY);
      await admin.button("Trace alice").click();
      await admin.page.getByRole("row").getByText("polled").first().waitFor();
      const adminView = await accessibilityViolations(admin.page);
      await admin.button("Kick alice").click();
      await admin.page.getByRole("dialog").waitFor();

      assertEquals(keyForm, []);
      assertEquals(adminView, []);
      await assertSoon(() => accessibilityViolations(admin.page), []);
    }, KEY_SETTINGS),
  );
}

Deno.test(
  "[J12] the admin page is available in Chinese, and remembers the chosen language and theme",
  withChat(async (chat) => {
    const admin = await AdminPage.visit(chat, { locale: "zh-CN" });
    await admin.page.getByRole("heading", { name: "Halley 管理" }).waitFor();
    await admin.enterKey(ADMIN_KEY);
    await admin.page.getByRole("heading", { name: "实时会话" }).waitFor();
    await admin.field("外观").selectOption("dark");

    await admin.field("语言").selectOption("en");
    await admin.page.reload();

    await admin.page.getByRole("heading", { name: "Live sessions" }).waitFor();
    await assertSoon(
      () => admin.page.evaluate(() => document.documentElement.dataset.theme),
      "dark",
    );
    await assertSoon(() => admin.page.evaluate(() => document.documentElement.lang), "en");
  }, KEY_SETTINGS),
);

for (const width of [390, 320]) {
  Deno.test(
    `[J12] the admin page fits a screen of ${width} pixels, with every action on it`,
    withChat(async (chat) => {
      await chat.signIn("a".repeat(64));
      const alice = await chat.signIn("alice");
      await alice.say("hello");
      const admin = await AdminPage.signIn(chat, { viewport: { width, height: 568 } });
      await admin.session("a".repeat(64)).waitFor();
      await admin.field("Message ID or public token").fill("1");
      await admin.button("Look up").click();
      await admin.page.locator(".reader summary").first().click();

      const beyond = await admin.page.locator("header, main, main *:not(svg *)").evaluateAll(
        (all, width) =>
          all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
            .filter((one) => one.getBoundingClientRect().right > width)
            .map((one) => `${one.tagName} ${one.className} ${one.textContent?.slice(0, 20)}`),
        width,
      );

      const field = await admin.page.locator("#trace-target").boundingBox();

      assertEquals(beyond, []);
      assertEquals((field?.width ?? 0) > 120, true, `${field?.width}`);
    }, KEY_SETTINGS),
  );
}

Deno.test(
  "[J12] on a narrow screen neither names nor ids are broken, and the last metric has the width of its row",
  withChat(async (chat) => {
    await chat.signIn("alice");
    const admin = await AdminPage.signIn(chat, { viewport: { width: 390, height: 844 } });
    await admin.session("alice").waitFor();

    const lines = await admin.session("alice").locator(".name, code").evaluateAll((all) =>
      all.map((one) => Math.round(one.getBoundingClientRect().height / 20))
    );
    const isWide = await admin.page.locator(".metrics").evaluate((metrics) => {
      const right = metrics.lastElementChild?.getBoundingClientRect().right;
      return right === metrics.getBoundingClientRect().right;
    });

    assertEquals(lines, [1, 1]);
    assertEquals(isWide, true);
  }, KEY_SETTINGS),
);

Deno.test(
  "[J60] at 390 px the search of the sessions has a row of its own",
  withChat(async (chat) => {
    const admin = await AdminPage.signIn(chat, { viewport: { width: 390, height: 844 } });

    const header = admin.page.locator("header:has(#sessions-title)");
    const [row, field] = await Promise.all([
      header.boundingBox(),
      header.getByRole("searchbox").boundingBox(),
    ]);

    assertEquals([field?.x, field?.width], [row?.x, row?.width]);
  }, KEY_SETTINGS),
);
