import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { AWAY } from "./shop.ts";
import { type ShopOptions, withSupport } from "./support_team.ts";
import type { WidgetPage } from "./widget_page.ts";

const NARROW = { width: 320, height: 568 } as const;

const LOOKS: Readonly<Record<string, ShopOptions>> = {
  "in light": { colorScheme: "light" },
  "in dark": { colorScheme: "dark" },
  "in forced colours": { forcedColors: "active" },
  "on a narrow screen from right to left": { viewport: NARROW, dir: "rtl" },
};

for (const [look, options] of Object.entries(LOOKS)) {
  Deno.test(
    `[T42] who answers, the form and the newest message are accessible and on the screen, ${look}`,
    withSupport(async ({ member, visitor, shop }) => {
      const ann = await member("ann");
      const { room } = await visitor("Mia");
      const mia = await shop("Mia", { attributes: AWAY, reducedMotion: "reduce", ...options });
      await mia.launcher.click();
      await mia.panel.getByText("No messages yet").waitFor();
      await ann.send({ channel: room, event: "claimed" });
      await mia.panel.locator(".subtitle").getByText("ann answers").waitFor();
      const check = async (what: string) => {
        assertEquals(await accessibilityViolations(mia.page), [], what);
        assertEquals(await outside(mia), [], what);
      };

      await check("who answers, and that nobody is here");
      await mia.panel.getByRole("button", { name: "Leave a message" }).click();
      await mia.panel.getByLabel("Your message").fill("w".repeat(200));
      await check("the form");
      await mia.panel.getByRole("button", { name: "Close chat" }).click();
      await ann.send({ channel: room, text: `one ${"w".repeat(200)} שלום` });
      await mia.widget.locator(".preview").waitFor();
      await check("the newest message");
    }),
  );
}

Deno.test(
  "[T42] the form and the newest message work with the keyboard alone",
  withSupport(async ({ member, visitor, shop }) => {
    const ann = await member("ann");
    const { room } = await visitor("Mia");
    const mia = await shop("Mia", { attributes: AWAY });
    const { keyboard } = mia.page;
    await mia.launcher.focus();
    await keyboard.press("Enter");
    await assertSoon(() => mia.focused(), "textarea");
    await mia.panel.getByRole("button", { name: "Leave a message" }).waitFor();

    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await assertSoon(() => mia.focused(), "input");
    await keyboard.type("mia@example.com");
    await keyboard.press("Tab");
    await keyboard.type("Which one is for children?");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await mia.panel.getByText("We’ll answer to mia@example.com.").waitFor();
    await mia.sees("Which one is for children?");
    assertEquals(await mia.focused(), "section panel");

    await keyboard.press("Escape");
    await assertSoon(() => mia.focused(), "button launcher");
    await ann.send({ channel: room, text: "one" });
    const preview = mia.widget.locator(".preview");
    await preview.waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await assertSoon(() => preview.count(), 0);
    assertEquals(await mia.focused(), "button launcher");
    await ann.send({ channel: room, text: "two" });
    await preview.waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await mia.sees("Which one is for children?", "one", "two");
    await assertSoon(() => mia.focused(), "textarea");
  }),
);

Deno.test(
  "[T42] Escape closes the chat from each field of the form",
  withSupport(async ({ shop }) => {
    const mia = await shop("Mia", { attributes: AWAY });
    for (const label of ["Your email address or phone number", "Your message"]) {
      await mia.launcher.click();
      const open = mia.panel.getByRole("button", { name: "Leave a message" });
      const field = mia.panel.getByLabel(label);
      await open.or(field).first().waitFor();
      if (await open.count() > 0) await open.click();
      await field.press("Escape");

      await assertSoon(() => mia.panel.count(), 0);
      assertEquals(await mia.focused(), "button launcher");
    }
  }),
);

Deno.test(
  "[T43] until somebody has claimed the room, the visitor sees whether somebody of the team is there",
  withSupport(async ({ signIn, member, visitor, shop }) => {
    const { room } = await visitor("Mia");
    const mia = await shop("Mia", { attributes: `data-team="Ann and Ben"` });
    const subtitle = mia.panel.locator(".subtitle");
    await mia.launcher.click();
    await assertSoon(() => subtitle.textContent(), "We’ll answer later · Ann and Ben");

    await signIn("ann");
    await mia.page.keyboard.press("Escape");
    await mia.launcher.click();
    await assertSoon(() => subtitle.textContent(), "We’re here · Ann and Ben");

    await (await member("ben")).send({ channel: room, event: "claimed" });
    await assertSoon(() => subtitle.textContent(), "ben answers");
  }),
);

Deno.test(
  "[T41] what is neither an email address nor a phone number is not sent, and the field says so",
  withSupport(async ({ shop }) => {
    const mia = await shop("Mia", { attributes: AWAY, viewport: NARROW });
    await mia.launcher.click();
    await mia.panel.getByRole("button", { name: "Leave a message" }).click();
    await mia.panel.getByLabel("Your message").fill("Which one?");
    const field = mia.panel.locator("[name=address]");
    const error = mia.panel.getByText("Enter an email address or a phone number");
    const send = mia.panel.locator("form.away-form button[type=submit]");

    for (const wrong of ["nope", "12345", "mia@", "@example.com 123456", "a b@c.de", "   x   "]) {
      await field.fill(wrong);
      assertEquals(await error.count(), 0, wrong);
      await send.click();
      await error.waitFor();
      assertEquals(await field.getAttribute("aria-invalid"), "true");
      assertEquals(await mia.focused(), "input");
    }
    assertEquals(await accessibilityViolations(mia.page), []);
    assertEquals(await outside(mia), []);
    await field.fill(" +49 (0)30 / 12-34.56 ");
    await send.click();

    await mia.panel.getByText("We’ll answer to +49 (0)30 / 12-34.56.").waitFor();
    await mia.sees("Which one?");
  }),
);

Deno.test(
  "[U103] a form is a text beside the button of the widget",
  withSupport(async ({ shop, member, visitor }) => {
    const ann = await member("ann");
    const { room } = await visitor("Mia");
    const mia = await shop("Mia");
    await mia.launcher.click();
    await mia.panel.getByText("No messages yet").waitFor();
    await mia.panel.getByRole("button", { name: "Close chat" }).click();

    const data = { name: "Ann", address: "ann@example.com", text: "The small one" };
    await ann.send({ channel: room, data });

    const preview = mia.widget.locator(".preview span");
    await assertSoon(() => preview.textContent(), "The small one");
  }),
);

Deno.test(
  "[T21] who is signed in by the application is not told either why a room cannot be used",
  withSupport(async ({ chat, shop }) => {
    chat.errors.expect("widget");
    chat.errors.expect("refusal");
    for (const [index, room] of ["sales room!", "a/b", "<b>", "x".repeat(65), "#a"].entries()) {
      const mia = await shop(`Mia${index}`, { room, attributes: 'data-connect="always"' });
      const said: string[] = [];
      mia.page.on("console", (message) => said.push(message.text()));
      await mia.launcher.click();
      await mia.panel.getByText("Chat isn’t available on this page.").waitFor();

      const shown = "Chat isn’t available on this page.Try again";
      await assertSoon(() => mia.panel.locator(".panel-content").textContent(), `Chat${shown}`);
      await mia.page.reload();
      await mia.panel.getByText("Chat isn’t available on this page.").waitFor();
      await assertSoon(() => mia.panel.locator(".panel-content").textContent(), `Chat${shown}`);
      const reason = `data-room="${room}" is not a valid room`;
      await assertSoon(() => Promise.resolve(said.some((line) => line.includes(reason))), true);
    }
  }),
);

/** What is partly outside the window, by tag and class. */
function outside({ widget }: WidgetPage): Promise<string[]> {
  return widget.locator("section *:not(svg *, .status)").evaluateAll((all) =>
    all.filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return element.checkVisibility() && (left < -0.5 || right > innerWidth + 0.5);
    }).map(({ tagName, className }) => `${tagName} ${className}`)
  );
}
