import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { fill, inboxOf, openRooms, roomOf, stateOf } from "./inbox_page.ts";
import { overflows } from "./overflows.ts";
import { withSupport } from "./support_team.ts";

const PHONE = { viewport: { width: 390, height: 760 } } as const;

Deno.test(
  "[U93] the team sees each visitor who writes, by name, with the last message and what is unread",
  withSupport(async ({ signIn, visitor, member }) => {
    const [mia, ben] = [await visitor("Mia"), await visitor("Ben")];
    await mia.say("from before");
    const ann = await signIn("ann");
    await assertSoon(() => openRooms(ann), ["Mia"]);

    await ben.say("is anybody here?");
    await ben.say("hello?");

    await assertSoon(() => openRooms(ann), ["Ben", "Mia"]);
    const item = roomOf(ann, "Ben");
    await item.getByText("hello?", { exact: true }).waitFor();
    await item.getByText("2 unread").waitFor();
    await item.getByText("Waiting").waitFor();
    assertEquals(await ann.page.getByText(ben.room.slice(5)).count(), 0);
    await assertSoon(() => ann.page.title(), "(3) Lobby · Halley");
    await item.click();
    await ann.sees("is anybody here?", "hello?");
    await assertSoon(() => ann.page.title(), "(1) Ben · Halley");
    await (await member("carol")).send({ channel: mia.room, text: "how?" });
    await roomOf(ann, "Mia").getByText("carol: how?").waitFor();
    await roomOf(ann, "Mia").getByText("Not claimed yet").waitFor();
    await roomOf(ann, "Mia").getByText("1 unread").waitFor();
    const presence = ann.page.locator(".conversation-header .presence");
    await assertSoon(() => presence.textContent(), " offline");
    await ben.read();
    await assertSoon(() => presence.textContent(), " online");
    await ann.page.reload();
    await ann.sees("is anybody here?", "hello?");
    await assertSoon(() => openRooms(ann), ["Mia", "Ben"]);
    assertEquals(await ann.conversation("Ben").count(), 1);
  }),
);

Deno.test(
  "[U94] a conversation is claimed, answered, closed, and opened again by its visitor, for the whole team",
  withSupport(async ({ signIn, visitor }) => {
    const mia = await visitor("Mia");
    await mia.say("hello");
    const [ann, ben] = [await signIn("ann"), await signIn("ben")];
    for (const member of [ann, ben]) await roomOf(member, "Mia").click();

    await ann.button("Claim").click();
    await assertSoon(() => stateOf(ann), "Claimed by you");
    await assertSoon(() => stateOf(ben), "Claimed by ann");
    assertEquals(await ben.button("Claim").count(), 0);
    await ann.say("hello Mia");
    for (const member of [ann, ben]) {
      await member.log.locator(".event").getByText("ann answers here now").waitFor();
    }
    await ann.button("Close conversation").click();
    await assertSoon(() => stateOf(ben), "Closed by ann");
    await inboxOf(ben).getByText("Closed (1)").waitFor();
    await assertSoon(() => openRooms(ben), []);
    await mia.say("one more thing");

    for (const member of [ann, ben]) {
      await assertSoon(() => openRooms(member), ["Mia"]);
      await assertSoon(() => stateOf(member), "Waiting");
    }
    await ben.button("Claim").click();
    await ben.button("Release").click();
    await assertSoon(() => stateOf(ann), "Waiting");
    await ann.button("Close conversation").click();
    await ben.button("Reopen").click();
    await assertSoon(() => stateOf(ann), "Claimed by ben");
    const events = ["claimed", "closed", "claimed", "released", "closed", "claimed"];
    assertEquals((await mia.messages()).filter((text) => events.includes(text)), events);
  }),
);

Deno.test(
  "[U100] who answers is said in a line that has neither sender nor actions",
  withSupport(async ({ signIn, visitor }) => {
    const mia = await visitor("Mia");
    await mia.say("hello");
    const ann = await signIn("ann");
    await roomOf(ann, "Mia").click();

    await ann.button("Claim").click();
    const line = ann.log.locator(".event");
    await line.getByText("ann answers here now").hover();

    assertEquals(await ann.log.locator(".group").count(), 1);
    assertEquals(await ann.log.locator(".delivery").count(), 0);
    assertEquals(await ann.button("Copy").count(), 0);
    await ann.say("hello Mia");
    await ann.sees("hello", "hello Mia");
    assertEquals(await ann.log.locator(".message > header:not([data-continued])").count(), 2);
  }),
);

Deno.test(
  "[U94] when two claim at the same moment, one of them is told who was faster",
  withSupport(async ({ chat, signIn, visitor }) => {
    const mia = await visitor("Mia");
    await mia.say("hello");
    const [ann, ben] = [await signIn("ann"), await signIn("ben")];
    for (const member of [ann, ben]) await roomOf(member, "Mia").click();
    chat.errors.expect("refusal");
    // The news reaches ben only after his click.
    const held = Promise.withResolvers<void>();
    await ben.page.route("**/api/poll", async (route) => {
      const response = await route.fetch({ timeout: 0 }).catch(() => undefined);
      const body = await response?.text() ?? "";
      if (body.includes(`"claimed"`)) await held.promise;
      if (response) await route.fulfill({ response, body }).catch(() => {});
    });
    await mia.say("hello?");
    await ben.sees("hello", "hello?");
    await ann.button("Claim").click();
    await assertSoon(() => stateOf(ann), "Claimed by you");

    await ben.button("Claim").click();

    await ben.page.getByText("ann was faster.").waitFor();
    await assertSoon(() => stateOf(ben), "Claimed by ann");
    held.resolve();
  }),
);

Deno.test(
  "[U442] who answers is shown by the order of the events, also if the reply to one's own comes after the next, and a double click does one thing",
  withSupport(async ({ signIn, visitor }) => {
    const mia = await visitor("Mia");
    await mia.say("hello");
    const [ann, ben] = [await signIn("ann"), await signIn("ben")];
    for (const member of [ann, ben]) await roomOf(member, "Mia").click();
    const held = Promise.withResolvers<void>();
    await ann.page.route("**/api/messages", async (route) => {
      const response = await route.fetch();
      await held.promise;
      await route.fulfill({ response });
    }, { times: 1 });

    await ann.button("Claim").click();
    await assertSoon(() => stateOf(ann), "Claimed by you");
    await ann.button("Release").dispatchEvent("click", { detail: 2 });
    await ann.button("Close conversation").click();
    await assertSoon(() => stateOf(ben), "Closed by ann");
    await assertSoon(() => stateOf(ann), "Closed by you");
    const replied = ann.page.waitForResponse("**/api/messages");
    held.resolve();
    await replied;

    await mia.say("one more thing");
    for (const member of [ann, ben]) await assertSoon(() => stateOf(member), "Waiting");
    assertEquals(await ben.log.locator(".event").allTextContents(), [
      "ann answers here now",
      "ann closed the conversation",
    ]);
  }),
);

Deno.test(
  "[U95] the inbox works with the keyboard alone, in Chinese too, and has no accessibility violations",
  withSupport(async (support) => {
    await fill(support);
    const ann = await support.signIn("ann");
    await roomOf(ann, "Mia").click();
    await ann.button("Close conversation").click();
    await inboxOf(ann).getByText("Closed (1)").click();
    const { keyboard } = ann.page;

    await roomOf(ann, "Olga").focus();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await ann.sees("hello from Ben");
    await ann.button("Claim").focus();
    await keyboard.press("Enter");
    await assertSoon(() => stateOf(ann), "Claimed by you");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await assertSoon(() => stateOf(ann), "Closed by you");
    await assertSoon(() => ann.page.evaluate(() => document.activeElement?.textContent), "Reopen");
    await keyboard.press("Enter");
    await assertSoon(() => stateOf(ann), "Claimed by you");

    for (const colorScheme of ["light", "dark"] as const) {
      await ann.page.emulateMedia({ colorScheme });
      await assertSoon(() => accessibilityViolations(ann.page), []);
    }
    await ann.openSettings();
    await ann.chooseLanguage("zh");
    await ann.page.getByRole("heading", { name: "收件箱：support" }).waitFor();
    await ann.page.getByRole("button", { name: "取消接待" }).waitFor();
  }),
);

Deno.test(
  "[U95] the inbox fits a narrow screen",
  withSupport(async (support) => {
    await fill(support);
    const ann = await support.signIn("ann", PHONE);
    await roomOf(ann, "Mia").waitFor();
    assertEquals(await overflows(ann), []);

    await roomOf(ann, "Mia").click();
    const state = ann.page.getByRole("group", { name: "Who answers" }).getByRole("status");
    const isCut = () => state.evaluate((one) => one.scrollWidth > one.clientWidth);
    await ann.button("Claim").waitFor();
    assertEquals(await isCut(), false);
    await ann.button("Claim").click();
    await ann.button("Release").waitFor();

    assertEquals(await isCut(), false);
    assertEquals(await overflows(ann), []);
    assertEquals(await accessibilityViolations(ann.page), []);
  }),
);

Deno.test(
  "[U96] without the right to the pattern there is no inbox, and nothing of the visitors' rooms",
  withSupport(async ({ signIn, visitor, visit }) => {
    const mia = await visitor("Mia");
    const zoe = await visit("Zoe", {});
    const ann = await signIn("ann");
    await mia.say("hello");
    await assertSoon(() => openRooms(ann), ["Mia"]);

    assertEquals(await inboxOf(zoe).count(), 0);
    assertEquals(await zoe.page.getByText("Mia").count(), 0);
  }),
);

Deno.test(
  "[U97] two members answer fifty visitors, who all get their answer, and one of them asks again",
  withSupport(async ({ signIn, visitor, shop }) => {
    const team = [await signIn("ann"), await signIn("ben")];
    const visitors = await Promise.all(
      Array.from({ length: 50 }, (_, n) => visitor(`Visitor ${n + 1}`)),
    );

    const widgets = await Promise.all(visitors.slice(0, 2).map(({ name }) => shop(name)));
    for (const widget of widgets) {
      await widget.launcher.click();
      await widget.composer.waitFor();
    }

    const askers = [...widgets, ...visitors.slice(2)];
    await Promise.all(askers.map((one, n) => one.say(`question of Visitor ${n + 1}`)));
    for (const member of team) {
      await assertSoon(async () => (await openRooms(member)).length, 50);
    }
    await Promise.all(team.map(async (member, part) => {
      for (const { name } of visitors.filter((_, n) => n % 2 === part)) {
        // The rooms move while others are claimed, and a pointer could meet another one.
        await roomOf(member, name).dispatchEvent("click");
        await member.sees(`question of ${name}`);
        await member.button("Claim").click();
        await member.button("Release").waitFor();
        await member.say(`answer for ${name}`);
        await member.log.getByText(`answer for ${name}`).waitFor();
        await member.button("Close conversation").click();
        await member.button("Reopen").waitFor();
      }
    }));
    for (const [n, widget] of widgets.entries()) {
      const name = `Visitor ${n + 1}`;
      await widget.sees(`question of ${name}`, `answer for ${name}`);
      await widget.panel.getByText("closed the conversation").waitFor();
    }
    await widgets[0]!.say("thank you");

    for (const member of team) await assertSoon(() => openRooms(member), ["Visitor 1"]);
    for (const one of visitors) {
      const expected = [`question of ${one.name}`, "claimed", `answer for ${one.name}`, "closed"];
      assertEquals((await one.messages()).slice(0, 4), expected);
    }
  }),
);
