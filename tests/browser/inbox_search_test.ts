import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { fill, inboxOf, openRooms, roomOf } from "./inbox_page.ts";
import { withSupport } from "./support_team.ts";

Deno.test(
  "[U102] the inbox is searched by the names of visitors and the last messages, with the keyboard, the closed rooms too",
  withSupport(async (support) => {
    await fill(support);
    const ann = await support.signIn("ann");
    await roomOf(ann, "Mia").click();
    await ann.button("Close conversation").click();
    await ann.button("Reopen").waitFor();
    const { keyboard } = ann.page;
    const field = ann.page.getByRole("searchbox", { name: "Search", exact: true });

    await field.focus();
    await keyboard.type("FROM BEN");
    await assertSoon(() => openRooms(ann), ["Ben"]);
    assertEquals(await inboxOf(ann).getByText(/^Closed/).count(), 0);
    await keyboard.press("Home");
    await keyboard.press("Shift+End");
    await keyboard.type("mia");
    await roomOf(ann, "Mia").waitFor();
    assertEquals(await openRooms(ann), []);
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await ann.sees("hello from Mia");
    await field.fill("nobody");
    await inboxOf(ann).getByText("No conversations").waitFor();
    await field.fill("");

    await assertSoon(() => openRooms(ann), ["Olga", "Ben"]);
    assertEquals(await accessibilityViolations(ann.page), []);
  }),
);
