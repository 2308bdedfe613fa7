import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { FilesPage } from "./files_page.ts";

const PICTURE = fileURLToPath(new URL("../../docs/images/room.png", import.meta.url));

const text = (name: string, content = "hello") => ({ name, mimeType: "text/plain", content });

Deno.test(
  "[U440] files that are chosen while their part is loaded twice are part of what is sent at once, and nothing of it is sent before them",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const own = new FilesPage(alice);
    const held = Promise.withResolvers<void>();
    await alice.page.context().route("**/built/page-files*", async (route) => {
      await held.promise;
      await route.continue();
    });
    await alice.button("Attach files").hover();
    await own.choose(PICTURE);
    await own.give("paste", text("two.txt"));
    await alice.composer.fill("two files");
    await alice.composer.press("Enter");
    await alice.composer.press("Enter");
    assertEquals(await alice.composer.inputValue(), "two files");

    held.resolve();

    await bob.sees("two files");
    await assertSoon(() => new FilesPage(bob).pictures.count(), 1);
    await assertSoon(
      () => bob.log.locator(".file-card .file-name").allTextContents(),
      ["two.txt"],
    );
    assertEquals(await alice.composer.inputValue(), "");
    assertEquals(await own.attached(), []);
  }),
);

Deno.test(
  "[U440] a text that was to be sent with a file that is too large stays in the composer",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const own = new FilesPage(alice);
    const held = Promise.withResolvers<void>();
    await alice.page.context().route("**/built/page-files*", async (route) => {
      await held.promise;
      await route.continue();
    });
    await own.choose(text("large.txt", "x".repeat(2_000)));
    await alice.say("look at this");

    held.resolve();

    await alice.page.getByText("large.txt is larger than 1 kB.").waitFor();
    assertEquals(await alice.composer.inputValue(), "look at this");
    assertEquals(await alice.texts(), []);
  }, { FILE_BYTES: "1000" }),
);

Deno.test(
  "[U441] files that cannot be attached because their part cannot be loaded are not forgotten silently, and the text stays",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const alice = await chat.signIn("alice");
    const own = new FilesPage(alice);
    const failing = Promise.withResolvers<void>();
    await alice.page.context().route("**/built/page-files*", async (route) => {
      await failing.promise;
      await route.abort();
    });

    await own.choose(text("one.txt"));
    await alice.say("look at this");
    failing.resolve();

    await alice.dialog.getByText("Can’t reach the server.").waitFor();
    await alice.dialog.getByRole("button", { name: "OK" }).click();
    assertEquals(await alice.composer.inputValue(), "look at this");
    assertEquals(await alice.texts(), []);
    await alice.page.context().unroute("**/built/page-files*");
    await own.choose(text("one.txt"));
    await assertSoon(() => own.attached(), ["one.txt"]);
  }),
);

Deno.test(
  "[O140] a picture for whose thumbnail there is no room is sent without",
  withChat(async (chat) => {
    chat.errors.expect("failure");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const own = new FilesPage(alice);

    await own.choose(PICTURE);
    await assertSoon(() => own.attached(), ["room.png"]);
    await alice.say("a picture");

    await bob.sees("a picture");
    await assertSoon(() => new FilesPage(bob).pictures.count(), 1);
    await assertSoon(() => alice.delivery("a picture"), "Sent");
  }, { FILE_STORAGE: "150000" }),
);
