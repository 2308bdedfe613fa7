import { assertEquals } from "@std/assert";
import { withChat } from "./browser_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { hidePage } from "./hide_page.ts";
import { publishNotices } from "./publish_notices.ts";
import { assertSoon } from "./assert_soon.ts";

Deno.test(
  "[U57] the theme follows the system or the user's choice, before anything is painted",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { colorScheme: "light" });
    const { page } = alice;
    const scheme = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    const browserTheme = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")]
          .filter(({ media }) => matchMedia(media).matches).map(({ dataset }) => dataset.scheme)
      );
    await assertSoon(async () => [await scheme(), await browserTheme()], ["light dark", ["light"]]);

    await alice.openSettings();
    await page.getByRole("radio", { name: "Dark" }).check();

    await assertSoon(async () => [await scheme(), await browserTheme()], ["dark", ["dark"]]);
    await page.route("**/built/app.*", () => {}); // The script never arrives.
    await page.reload({ waitUntil: "commit" });
    await assertSoon(scheme, "dark");
    await assertSoon(() => browserTheme(), ["dark"]);
    await page.unroute("**/built/app.*");
    await page.reload();
    await alice.openSettings();
    await page.getByRole("radio", { name: "System" }).check();
    await assertSoon(async () => [await scheme(), await browserTheme()], ["light dark", ["light"]]);
  }),
);

Deno.test(
  "[U58] the settings work with the keyboard alone, and return the focus",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    const button = alice.page.getByRole("button", { name: "Settings" });

    await button.focus();
    await keyboard.press("Enter");
    await alice.settings.waitFor();
    await keyboard.press("Tab");
    await keyboard.press("ArrowRight");
    await assertSoon(() => alice.page.getByRole("radio", { name: "Light" }).isChecked(), true);
    await keyboard.press("Tab");
    await keyboard.press("ArrowRight");
    await assertSoon(() => alice.page.locator("html").getAttribute("lang"), "es");
    await keyboard.press("Escape");

    await assertSoon(() => alice.settings.isVisible(), false);
    await assertSoon(
      () =>
        button.or(alice.page.locator("button.self")).evaluate((it) =>
          it === document.activeElement
        ),
      true,
    );
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U59] settings and popups have no accessibility violations in ${colorScheme}, and fit 320 pixels`,
    withChat(async (chat) => {
      const alice = await chat.signIn("alice", { colorScheme, reducedMotion: "reduce" });
      const { page } = alice;
      // On a hidden page popups stay.
      await hidePage(page);
      await publishNotices(chat, { title: "T".repeat(200), text: "w".repeat(900) }, {
        text: "Tonight.",
      });
      await assertSoon(() => page.locator(".popup-older").count(), 1);
      const overflowing = () =>
        page.evaluate(() =>
          [...document.querySelectorAll(".popup, .popup *, .settings, .settings *")]
            .filter((element) => {
              const { left, right } = element.getBoundingClientRect();
              return element.checkVisibility() && (left < 0 || right > innerWidth);
            }).map(({ className }) => className)
        );

      assertEquals(await accessibilityViolations(page), [], "popups");
      await page.setViewportSize({ width: 320, height: 568 });
      assertEquals(await overflowing(), [], "popups");
      await alice.button("Dismiss").first().click();
      await alice.button("Dismiss").first().click();
      await page.setViewportSize({ width: 1200, height: 700 });
      await alice.openSettings();
      assertEquals(await accessibilityViolations(page), [], "settings");
      await page.keyboard.press("Escape");
      await page.setViewportSize({ width: 320, height: 568 });
      await page.getByRole("button", { name: /^Back to conversations/ }).click();
      await alice.openSettings();
      assertEquals(await overflowing(), [], "settings");
    }),
  );
}
