import { assert, assertEquals } from "@std/assert";
import type { CDPSession, Locator, Page } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

const PHONE = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true } as const;

/** A finger on the screen of a page. */
class Finger {
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async of({ page }: ChatPage): Promise<Finger> {
    return new Finger(page, await page.context().newCDPSession(page));
  }

  async touch(x: number, y: number): Promise<void> {
    await this.#send("touchStart", [{ x, y }]);
  }

  /** Moves in steps, as a finger does. The browser takes those between two frames for one, with which it may not scroll. */
  async move(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const steps = 8;
    for (let step = 1; step <= steps; step++) {
      const at = (axis: 0 | 1) => from[axis] + (to[axis] - from[axis]) * step / steps;
      await this.#send("touchMove", [{ x: at(0), y: at(1) }]);
      await this.#page.evaluate(() => new Promise(requestAnimationFrame));
    }
  }

  async lift(): Promise<void> {
    await this.#send("touchEnd", []);
  }

  async #send(
    type: "touchStart" | "touchMove" | "touchEnd",
    touchPoints: { x: number; y: number }[],
  ): Promise<void> {
    await this.#session.send("Input.dispatchTouchEvent", { type, touchPoints });
  }
}

async function centerOf(element: Locator): Promise<[number, number]> {
  const { x, y, width, height } = (await element.boundingBox())!;
  return [x + width / 2, y + height / 2];
}

/** Bob has said this in the lobby, and alice sees it on her phone. */
async function openPhone(chat: BrowserChat, texts: readonly string[], options = {}) {
  using remote = new RemoteChat(chat.url);
  const bob = await remote.signIn("bob");
  for (const text of texts) await bob.say("room:lobby", text);
  const alice = await chat.signIn("alice", { ...PHONE, ...options });
  await alice.select("Lobby");
  await assertSoon(async () => (await alice.texts()).length, texts.length);
  return { alice, finger: await Finger.of(alice) };
}

async function openSheet(alice: ChatPage, finger: Finger, text: string): Promise<void> {
  await finger.touch(...await centerOf(alice.log.getByText(text, { exact: true })));
  await alice.dialog.waitFor();
  await finger.lift();
}

Deno.test(
  "[U180] a long press opens a sheet with the actions of a message; a reply closes it",
  withChat(async (chat) => {
    const { alice, finger } = await openPhone(chat, ["one", "two"]);

    await openSheet(alice, finger, "one");

    assertEquals(await alice.dialog.getByRole("heading").textContent(), "bob");
    assertEquals(await alice.dialog.locator(".excerpt").textContent(), "one");
    await alice.dialog.getByRole("button", { name: "Reply" }).tap();
    await assertSoon(() => alice.dialog.count(), 0);
    await alice.page.locator(".reply-draft").getByText("one").waitFor();
    await assertSoon(() => alice.composer.evaluate((it) => it === document.activeElement), true);
  }),
);

Deno.test(
  "[U180] an own message is edited and deleted from its sheet",
  withChat(async (chat) => {
    const { alice, finger } = await openPhone(chat, []);
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");

    await openSheet(alice, finger, "one");
    await alice.dialog.getByRole("button", { name: "Edit" }).tap();
    await assertSoon(() => alice.dialog.count(), 0);
    await alice.page.getByRole("textbox", { name: "Edit message" }).fill("two");
    await alice.button("Save").tap();
    await alice.sees("two");
    await openSheet(alice, finger, "two");
    await alice.dialog.getByRole("button", { name: "Delete" }).tap();
    await alice.dialog.getByRole("button", { name: "Really delete?" }).tap();

    await alice.sees();
    await assertSoon(() => alice.dialog.count(), 0);
  }),
);

for (const way of ["Escape", "a tap beside it", "Cancel"] as const) {
  Deno.test(
    `[U180] ${way} closes the sheet, whose focus stays inside`,
    withChat(async (chat) => {
      const { alice, finger } = await openPhone(chat, ["one"]);
      await openSheet(alice, finger, "one");
      for (let n = 0; n < 6; n++) {
        await alice.page.keyboard.press("Tab");
        const isOutside = await alice.page.evaluate(() =>
          document.activeElement?.closest("main") !== null &&
          document.activeElement?.closest("dialog") === null
        );
        assertEquals(isOutside, false);
      }

      if (way === "Escape") await alice.page.keyboard.press("Escape");
      else if (way === "Cancel") await alice.dialog.getByRole("button", { name: way }).tap();
      else await alice.page.touchscreen.tap(200, 20);

      await assertSoon(() => alice.dialog.count(), 0);
      await alice.sees("one");
    }),
  );
}

Deno.test(
  "[U181] a swipe to the left replies, if it is long enough",
  withChat(async (chat) => {
    const { alice, finger } = await openPhone(chat, ["one", "two"]);
    const message = alice.log.locator(".message").filter({ hasText: "one" });
    const chip = alice.page.locator(".reply-draft");
    const [x, y] = await centerOf(message.locator(".text"));

    await finger.touch(x, y);
    await finger.move([x, y], [x - 40, y]);
    await assertSoon(() => message.getAttribute("data-swipe"), "begun");
    await finger.lift();
    await assertSoon(() => message.getAttribute("data-swipe"), null);
    assertEquals(await chip.count(), 0);
    await finger.touch(x, y);
    await finger.move([x, y], [x - 80, y]);
    await assertSoon(() => message.getAttribute("data-swipe"), "counts");
    await finger.lift();

    await chip.getByText("one").waitFor();
    await assertSoon(() => message.getAttribute("data-swipe"), null);
  }),
);

Deno.test(
  "[U181] scrolling neither replies nor opens the sheet",
  withChat(async (chat) => {
    const texts = Array.from({ length: 30 }, (_, n) => `line ${n}`);
    const { alice, finger } = await openPhone(chat, texts);
    const toEnd = () =>
      alice.log.evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
    await assertSoon(toEnd, 0);

    await finger.touch(200, 200);
    await finger.move([200, 200], [110, 500]);
    await finger.lift();

    await assertSoon(async () => await toEnd() > 100, true);
    assertEquals(await alice.page.locator(".reply-draft").count(), 0);
    assertEquals(await alice.dialog.count(), 0);
  }),
);

Deno.test(
  "[U184] at 320 pixels the actions of a message that was tapped are whole, and do not cover it",
  withChat(async (chat) => {
    const viewport = { width: 320, height: 568 };
    const { alice } = await openPhone(chat, ["one"], { viewport });
    await alice.say("two");
    await alice.sees("one", "two");
    await assertSoon(() => alice.delivery("two"), "Sent");

    for (const text of ["one", "two"]) {
      const target = alice.log.getByText(text, { exact: true });
      await target.tap();
      const bar = alice.log.locator(".message-actions");
      await bar.waitFor();
      assertEquals(await overflows(alice), [], text);
      const box = (await bar.boundingBox())!;
      assert(box.x >= 0 && box.x + box.width <= 320);
      assert(box.y + box.height <= (await target.boundingBox())!.y + 8);
    }
  }),
);

Deno.test(
  "[U248] on a phone the list highlights nothing, the reactions have one row, and no keys are offered",
  withChat(async (chat) => {
    const { alice } = await openPhone(chat, ["one"]);
    const { page } = alice;
    await alice.log.getByText("one").tap();
    await alice.button("React").tap();
    const tops = await page.locator(".reaction-choice button").evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect().top)
    );
    assertEquals([tops.length, new Set(tops).size], [7, 1]);
    await page.keyboard.press("Escape");

    await page.locator(".conversation-header .back").tap();
    const colours = () =>
      page.locator(".conversation-item").evaluateAll((all) => [
        ...new Set(all.map((one) => getComputedStyle(one).backgroundColor)),
      ]);
    await assertSoon(colours, ["rgba(0, 0, 0, 0)"]);
    await alice.openSettings();

    assertEquals(await alice.button("Keyboard shortcuts").count(), 0);
  }),
);

/** The visible targets that are smaller than 44 px, by their text or label. */
function smallTargets({ page }: ChatPage): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, input, textarea, select, a.sign-out")]
      .filter((element) => element.checkVisibility())
      // The whole label of a radio button is its target.
      .map((element) => element.matches("[type=radio]") ? element.closest("label")! : element)
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 43.5 || height < 43.5;
      }).map((element) => element.ariaLabel || element.textContent || element.className)
  );
}

Deno.test(
  "[U182] on touch screens all targets have 44 px: sign-in, list, settings, conversation, sheet",
  withChat(async (chat) => {
    const visitor = await chat.visit(PHONE);
    assertEquals(await smallTargets(visitor), [], "sign-in");
    const { alice, finger } = await openPhone(chat, ["one"]);
    assertEquals(await smallTargets(alice), [], "conversation");
    await openSheet(alice, finger, "one");
    assertEquals(await smallTargets(alice), [], "sheet");
    await alice.page.keyboard.press("Escape");
    await alice.page.goBack();
    await alice.openSettings();

    assertEquals(await smallTargets(alice), [], "list and settings");
  }),
);

Deno.test(
  "[U183] when the keyboard takes half of the screen, the composer and the newest message stay visible",
  withChat(async (chat) => {
    const texts = Array.from({ length: 30 }, (_, n) => `line ${n}`);
    const { alice } = await openPhone(chat, texts);
    await alice.composer.tap();

    // As browsers do with `interactive-widget=resizes-content`.
    await alice.page.setViewportSize({ width: 390, height: 400 });

    const isVisible = async (element: Locator) => {
      const { y, height } = (await element.boundingBox())!;
      return y >= 0 && y + height <= 400;
    };
    await assertSoon(() => isVisible(alice.composer), true);
    await assertSoon(() => isVisible(alice.log.getByText("line 29")), true);
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U180] the sheet has no accessibility violations in ${colorScheme}, and fits 320 pixels`,
    withChat(async (chat) => {
      const options = { colorScheme, reducedMotion: "reduce" } as const;
      const viewport = { width: 320, height: 568 };
      const { alice, finger } = await openPhone(chat, ["one"], { ...options, viewport });
      await openSheet(alice, finger, "one");

      assertEquals(await accessibilityViolations(alice.page), []);
      assertEquals(await overflows(alice), []);
      const { y, height } = (await alice.dialog.boundingBox())!;
      assert(y >= 0 && y + height <= 568.5);
    }),
  );
}
