import { assertEquals } from "@std/assert";
import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../server/protocol/refusal.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

for (
  const [code, status, words] of [
    ["too_many_sessions", 503, "The chat is full at the moment. Try again later."],
    ["too_many_requests", 429, "That was too fast. Wait a moment."],
    ["store_unavailable", 500, "The chat can’t answer at the moment. Try again soon."],
    ["unknown", 403, "The chat refuses this."],
  ] as const
) {
  Deno.test(
    `[T50] the widget explains in plain words why nobody can sign in: ${code}`,
    withShop(async (chat, shop) => {
      chat.errors.expect(status < 500 ? "refusal" : "failure");
      const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
      await alice.page.route("**/api/sessions", (route) =>
        route.fulfill({
          status,
          contentType: PROBLEM_MEDIA_TYPE,
          headers: { "access-control-allow-origin": "*" },
          body: JSON.stringify({
            ...{ type: `${PROBLEM_TYPE}${code}`, title: code, status, code, detail: "it is so" },
          }),
        }));
      await alice.launcher.click();

      await alice.nameField.fill("alice");
      await alice.nameField.press("Enter");

      const shown = () => alice.panel.getByRole("alert").allTextContents();
      await assertSoon(shown, [words]);
    }),
  );
}

Deno.test(
  "[T51] signing out asks while a message or a draft is unsent, and staying keeps both",
  withShop(async (chat, shop) => {
    chat.errors.expect("network");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, `data-name="alice"`)));
    const { panel, page } = alice;
    const button = (name: string) => panel.getByRole("button", { name, exact: true });
    const question = panel.getByRole("alertdialog");
    await alice.launcher.click();
    await alice.composer.waitFor();
    await page.context().setOffline(true);
    await alice.say("unsent");
    await alice.sees("unsent");
    await alice.composer.fill("a draft");

    await button("Sign out").click();
    await question.waitFor();
    await assertSoon(() => alice.focused(), "button quiet");
    assertEquals(await accessibilityViolations(page), []);
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    await assertSoon(() => alice.focused(), "button quiet");
    assertEquals(await alice.composer.inputValue(), "a draft");
    await page.context().setOffline(false);
    await panel.getByLabel("Sent", { exact: true }).waitFor();
    await button("Sign out").click();
    await question.waitFor();
    await button("Stay").click();
    await alice.composer.fill("");
    await button("Sign out").click();

    await button("Start chatting").waitFor();
    assertEquals(await question.count(), 0);
  }),
);
