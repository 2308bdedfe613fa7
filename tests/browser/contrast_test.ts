import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

/** The contrast of a border to the background around it. */
function borderContrast(field: Locator): Promise<number> {
  return field.evaluate((field) => {
    const numbers = (color: string) => color.match(/[\d.]+/g)?.map(Number) ?? [];
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = numbers(color).map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    let around = field.parentElement;
    const isClear = (element: Element) =>
      numbers(getComputedStyle(element).backgroundColor)[3] === 0;
    while (around?.parentElement && isClear(around)) around = around.parentElement;
    const [one, other] = [
      luminance(getComputedStyle(field).borderTopColor),
      luminance(getComputedStyle(around!).backgroundColor),
    ];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U148] the borders of fields have a contrast of 3:1 in ${colorScheme}`,
    withChat(async (chat) => {
      const visitor = await chat.visit({ colorScheme });
      assert(await borderContrast(visitor.nameField) >= 3);
      await visitor.signIn("alice");
      // The border of a field with the focus is another one.
      await visitor.log.focus();

      const contrasts = await Promise.all(
        (await visitor.page.locator("input:visible, textarea:visible").all()).map(borderContrast),
      );

      assert(contrasts.length >= 2);
      assert(contrasts.every((contrast) => contrast >= 3), String(contrasts));
    }),
  );
}

Deno.test(
  "[U148] in forced colours, who is online and who is away have different borders",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const { cursor } = await bob.poll();
    const polling = bob.poll({
      channels: ["room:lobby"],
      cursor,
      state: "background",
      hold: 20_000,
    })
      .catch(() => {});
    const alice = await chat.signIn("alice", { forcedColors: "active" });
    await assertSoon(async () => (await alice.people()).length, 2);

    const widths = await alice.page.locator(".people .presence-dot").evaluateAll((all) =>
      all.map((dot) => getComputedStyle(dot).borderTopWidth).sort()
    );

    assertEquals(widths, ["2px", "4px"]);
    await bob.say("room:lobby", "bye");
    await polling;
  }),
);
