import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { AWAY, Shop, withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const BRANDED = `data-title="Ask Ann" data-team="Ann and Ben, telescopes" data-button="Ask us"
  data-color="#7a1f5c" data-greeting="Which telescope are you looking for?" data-placeholder="Your question"`;

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[T36] attributes set the colour, the texts and the team, in ${colorScheme}`,
    withShop(async (chat, shop) => {
      const options = { colorScheme, reducedMotion: "reduce" } as const;
      const alice = new WidgetPage(await chat.openPage(shop.page(chat, BRANDED), options));
      await alice.widget.getByRole("button", { name: "Ask us" }).waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "the button");

      await alice.launcher.click();
      await alice.nameField.waitFor();
      await alice.panel.getByText("Which telescope are you looking for?").waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "signing in");
      await alice.enterName("alice");

      await alice.panel.getByText("Which telescope are you looking for?").waitFor();
      await alice.panel.getByText("Ann and Ben, telescopes").waitFor();
      assertEquals(await alice.composer.getAttribute("placeholder"), "Your question");
      const background = (part: string) =>
        alice.widget.locator(part).evaluate((one) => getComputedStyle(one).backgroundColor);
      assertEquals(
        [await background(".launcher"), await background(".panel header[part]")],
        ["rgb(122, 31, 92)", "rgb(122, 31, 92)"],
      );
      await alice.say("hello");
      await alice.sees("hello");
      assertEquals(await accessibilityViolations(alice.page), [], "the room");
    }),
  );
}

Deno.test(
  "[T36] custom properties of the page set colours and place, and its style sheet the parts",
  withShop(async (chat, shop) => {
    const head = `<style>
      halley-widget { --halley-color: #064; --halley-on-color: #fff; --halley-offset-side: 40px;
        --halley-offset-bottom: 90px; --halley-width: 300px; --halley-radius: 0px; }
      halley-widget::part(title) { text-transform: uppercase; }
    </style>`;
    const options = { viewport: { width: 900, height: 800 }, reducedMotion: "reduce" } as const;
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, "", { head }), options));
    await alice.launcher.click();
    await alice.nameField.waitFor();

    const { x = 0, y = 0, width = 0, height = 0 } = await alice.launcher.boundingBox() ?? {};
    assertEquals([x + width, y + height], [860, 710]);
    assertEquals((await alice.panel.boundingBox())?.width, 300);
    const title = alice.panel.locator("h2");
    assertEquals(await title.evaluate((one) => getComputedStyle(one).textTransform), "uppercase");
    assertEquals(await title.evaluate((one) => getComputedStyle(one).color), "rgb(255, 255, 255)");
  }),
);

Deno.test(
  "[T9] in narrow and in low windows the chat fills the screen, and in others it is in its corner, also on pages from right to left",
  withShop(async (chat, shop) => {
    const options = { reducedMotion: "reduce" } as const;
    const alice = new WidgetPage(await chat.openPage(shop.page(chat), options));
    await alice.launcher.click();
    await alice.nameField.waitFor();
    const filling = [[390, 844], [479, 800], [844, 390], [320, 568], [1200, 419]] as const;

    for (const dir of ["ltr", "rtl"]) {
      for (const position of ["left", "right"]) {
        await alice.widget.evaluate((widget, [dir = "", position = ""]) => {
          document.documentElement.dir = dir;
          widget.dataset.position = position;
        }, [dir, position]);
        for (const [width, height] of filling) {
          await alice.page.setViewportSize({ width, height });
          const box = await alice.panel.boundingBox();
          assertEquals(box, { x: 0, y: 0, width, height }, `${dir} ${position} ${width}`);
        }
        await alice.page.setViewportSize({ width: 900, height: 800 });
        const { x: panel } = await alice.panel.boundingBox() ?? {};
        const { x: launcher } = await alice.launcher.boundingBox() ?? {};
        const expected = position === "left" ? [20, 20] : [900 - 20 - 370, 900 - 20 - 56];
        assertEquals([panel, launcher], expected, `${dir} ${position}`);
      }
    }
  }),
);

Deno.test(
  "[U13] during an outage the title of the widget is not cut",
  withShop(async (chat, shop) => {
    for (const width of [320, 900]) {
      const options = { viewport: { width, height: 700 }, reducedMotion: "reduce" } as const;
      const alice = new WidgetPage(await chat.openPage(shop.page(chat, BRANDED), options));
      await alice.enter("alice");
      await alice.page.route("**/api/poll", (route) => route.abort());
      chat.errors.expect("network");
      // It asks whether the server allows the origin.
      chat.errors.expect("unauthorized");
      await alice.page.reload();
      await alice.panel.getByRole("button", { name: "Retry now" }).waitFor();

      const missing = () =>
        alice.panel.locator("h2, .subtitle, .connection").evaluateAll((all) =>
          all.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
        );
      await assertSoon(missing, [0, 0, 0]);
    }
  }),
);

for (const color of ["", `data-color="#7a1f5c"`, `data-color="#ffd400 #000"`]) {
  Deno.test(
    `[T37] in forced colours, the state of the connection and the button are visible${
      color && `, with ${color}`
    }`,
    withShop(async (chat, shop) => {
      const options = { forcedColors: "active", reducedMotion: "reduce" } as const;
      const alice = new WidgetPage(await chat.openPage(shop.page(chat, color), options));
      await alice.enter("alice");
      const shown = alice.panel.locator('.connection[data-state="connected"] .shown');
      await shown.waitFor();

      const [dot, adjusts] = await shown.evaluate((one) => {
        const { borderTopColor, forcedColorAdjust } = getComputedStyle(one, "::before");
        return [borderTopColor, forcedColorAdjust];
      });
      assertEquals(adjusts, "auto");
      const ground = await alice.panel.locator("header").evaluate((one) =>
        getComputedStyle(one).backgroundColor
      );
      assertEquals(dot === ground || dot === "rgba(0, 0, 0, 0)", false, dot);
      const send = alice.panel.locator(".send");
      assertEquals(await send.evaluate((one) => getComputedStyle(one).borderStyle), "solid");
    }),
  );
}

Deno.test("[T38] with {visitor} in its name, each visitor has a room of their own", async () => {
  await using site = ForeignSite.open();
  const settings = { ALLOWED_ORIGINS: site.origin, VISITOR_ROOMS: "support-*" };
  await withChat(async (chat) => {
    const shop = new Shop(site);
    const open = async (name: string) => {
      const url = shop.page(chat, `data-room="support-{visitor}"`, { room: "" });
      const visitor = new WidgetPage(await chat.openPage(url));
      await visitor.enter(name);
      return visitor;
    };
    const [alice, bob] = [await open("alice"), await open("bob")];
    await alice.say("mine");
    await alice.sees("mine");
    await alice.panel.getByLabel("Sent", { exact: true }).waitFor();
    await bob.say("his");
    await bob.sees("his");
    await bob.panel.getByLabel("Sent", { exact: true }).waitFor();

    await alice.page.reload();
    await alice.sees("mine");
    const placeholder = await alice.composer.getAttribute("placeholder");
    assertEquals(placeholder, "Message");
    using remote = new RemoteChat(chat.url);
    const eve = await remote.signIn("eve");
    const token = await alice.page.evaluate((key) => {
      return JSON.parse(localStorage.getItem(key) ?? "{}").publicToken;
    }, `halley.widget:${chat.url}/`);
    const path = `/api/channels/${encodeURIComponent(`room:support-${token}`)}/messages`;
    assertEquals((await eve.request("GET", path)).status, 403);
    await assertSoon(() => bob.texts(), ["his"]);
  }, settings)();
});

Deno.test(
  "[T41] outside the office hours, a visitor leaves a name, an address and a text, which are kept until they are sent as one message",
  withShop(async (chat, shop) => {
    const options = { reducedMotion: "reduce" } as const;
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, AWAY), options));
    await alice.launcher.click();
    await alice.panel.getByLabel("Your email address or phone number").fill("alice@example.com");
    await alice.panel.getByLabel("Your name").fill("alice");
    await alice.page.reload();
    await assertSoon(
      () => alice.panel.getByLabel("Your email address or phone number").inputValue(),
      "alice@example.com",
    );
    assertEquals(await accessibilityViolations(alice.page), []);
    await alice.panel.getByLabel("Your message").fill("Which telescope is for children?");

    await alice.panel.getByRole("button", { name: "Send", exact: true }).first().click();

    await alice.sees("Which telescope is for children?");
    await alice.panel.getByText("We’ll answer to alice@example.com.").waitFor();
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const { messages } = await (await bob.request("GET", "/api/channels/room%3Asupport/messages"))
      .json();
    assertEquals(messages.map(({ data }: { data: unknown }) => data), [{
      name: "alice",
      address: "alice@example.com",
      text: "Which telescope is for children?",
    }]);
    await bob.say("room:support", "The small one");
    await alice.sees("Which telescope is for children?", "The small one");
  }),
);
