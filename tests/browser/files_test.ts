import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { FilesPage } from "./files_page.ts";

const PICTURE = fileURLToPath(new URL("../../docs/images/room.png", import.meta.url));

const text = (name: string, content = "hello") => ({ name, mimeType: "text/plain", content });

Deno.test(
  "[U280] [A81] a picture that is attached while offline is sent after a reload, once, behind the text before it, and seen by others small and whole",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const [own, others] = [new FilesPage(alice), new FilesPage(bob)];
    const context = alice.page.context();
    await context.route("**/api/messages", (route) => route.abort());
    await alice.say("one moment");
    await own.choose(PICTURE);
    await assertSoon(() => own.attached(), ["room.png"]);
    await context.setOffline(true);
    await alice.say("look at this");
    await assertSoon(() => own.queued(), ["look at this, room.png"]);
    await context.route("**/api/**", (route) => route.abort());
    await context.setOffline(false);
    await alice.page.reload();
    await assertSoon(() => own.queued(), ["look at this, room.png"]);
    const uploaded = alice.page.waitForResponse(/thumbnail/);
    await context.unroute("**/api/**");
    await uploaded;
    await context.unroute("**/api/messages");

    await bob.sees("one moment", "look at this");
    await assertSoon(() => own.queued(), []);
    await assertSoon(() => others.pictures.count(), 1);
    const small = await others.naturalSize(others.pictures.first());
    assert(small.width === 640, JSON.stringify(small));
    await bob.button("Show room.png").click();
    const whole = bob.dialog.getByRole("img", { name: "Picture: room.png" });
    await whole.waitFor();
    const { width } = await others.naturalSize(whole);
    assert(width > small.width, `${width} > ${small.width}`);
    assertEquals(await accessibilityViolations(bob.page), []);
    await bob.page.keyboard.press("Escape");
    await assertSoon(() => bob.dialog.count(), 0);

    await own.deleteMessage("look at this");

    await assertSoon(() => others.pictures.count(), 0);
  }),
);

Deno.test(
  "[U286] a message with files for which the browser has no space is sent all the same",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const own = new FilesPage(alice);
    await alice.page.evaluate(() => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: { files?: unknown }) {
        if (value.files) throw new DOMException("There is no space", "QuotaExceededError");
        return put.call(this, value);
      };
    });
    await own.choose(PICTURE);
    await assertSoon(() => own.attached(), ["room.png"]);

    await alice.say("look at this");

    await bob.sees("look at this");
    await assertSoon(() => new FilesPage(bob).pictures.count(), 1);
    await assertSoon(() => own.queued(), []);
  }),
);

Deno.test(
  "[U287] all windows show what is being sent, each can cancel it, and another one goes on when the sender is closed",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    const windows = [alice, second];
    const [own, other] = [new FilesPage(alice), new FilesPage(second)];
    const context = alice.page.context();
    const bars = () =>
      Promise.all(windows.map(({ page }) => page.getByRole("progressbar").count()));
    const say = async (name: string) => {
      await own.choose(text(`${name}.txt`));
      await alice.say(name);
    };

    await context.route("**/api/files?*", () => {});
    // What the first window tells arrives while the second one is still reading.
    await second.page.evaluate(() => {
      const { getAll } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.getAll = function () {
        const request = getAll.call(this);
        return new Proxy(request, {
          get: (_, name) => Reflect.get(request, name),
          set: (_, name, value) => {
            const late = name === "onsuccess" ? () => setTimeout(value, 300) : value;
            return Reflect.set(request, name, late);
          },
        });
      };
    });
    await say("one");
    await assertSoon(() => other.queued(), ["one, one.txt"]);
    await assertSoon(bars, [1, 1]);
    await second.button("Cancel").click();
    await assertSoon(() => own.queued(), []);
    await context.unroute("**/api/files?*");
    await say("two");
    await bob.sees("two");

    await context.route("**/api/files?*", (route) => route.abort());
    await say("three");
    await assertSoon(() => other.queued(), ["three, three.txt"]);
    await alice.page.close();
    await context.unroute("**/api/files?*");

    await bob.sees("two", "three");
    await assertSoon(() => other.queued(), []);
  }),
);

Deno.test(
  "[U281] [U288] files are chosen, pasted and dropped, shown above the composer, and can be removed there",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const [own, others] = [new FilesPage(alice), new FilesPage(bob)];
    await own.choose(text("one.txt", "<script>alert(1)</script>"), text("two.txt"));
    await own.give("paste", text("three.txt"), { "text/plain": "three.txt" });
    const cells = { "text/plain": "1\t2", "text/html": "<table></table>" };
    await own.give("paste", { name: "cells.png", mimeType: "image/png", content: "x" }, cells);
    await own.give("drop", text("four.html", "<h1>four</h1>"));
    await assertSoon(() => own.attached(), ["one.txt", "two.txt", "three.txt", "four.html"]);

    await alice.button("Remove two.txt").click();
    await assertSoon(() => own.attached(), ["one.txt", "three.txt", "four.html"]);
    await alice.button("Send").click();

    await assertSoon(
      () => bob.log.locator(".file-card .file-name").allTextContents(),
      ["one.txt", "three.txt", "four.html"],
    );
    assertEquals(await own.attached(), []);
    const { name, content } = await others.download("four.html");
    assertEquals([name, content], ["four.html", "<h1>four</h1>"]);
    await assertSoon(() => bob.texts(), []);

    await alice.composer.evaluate(async (field) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["5"], "five.txt"));
      field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
      await new Promise((resolve) => setTimeout(resolve));
      field.closest("form")?.requestSubmit();
    });
    await assertSoon(
      () => bob.log.locator(".file-card .file-name").last().textContent(),
      "five.txt",
    );
  }, { FILE_BYTES: "100000" }),
);

Deno.test(
  "[U282] [U289] what is too much or empty is said before it is sent, and what the server refuses afterwards",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    const own = new FilesPage(alice);
    await own.choose(text("large.txt", "x".repeat(2_000)), text("small.txt"));
    const alert = alice.page.locator(".tray [role=alert]");
    await assertSoon(() => alert.textContent(), "large.txt is larger than 1 kB.");
    await assertSoon(() => own.attached(), ["small.txt"]);
    await own.choose(...Array.from({ length: 11 }, (_, n) => text(`${n}.txt`)));
    await assertSoon(() => alert.textContent(), "A message can have 10 files.");
    await alice.say("ten");
    await assertSoon(() => own.attached(), []);
    assertEquals(await alert.count(), 0);
    await own.choose(text("empty.txt", ""));
    await assertSoon(() => alert.textContent(), "One of the files is empty or damaged.");
    assertEquals(await own.attached(), []);

    const broken = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 1);
    await own.choose({ name: "broken.jpg", mimeType: "image/jpeg", content: broken });
    await alice.say("broken");

    await assertSoon(() => alert.textContent(), "One of the files is empty or damaged.");
    await alice.page.reload();
    await assertSoon(() => alert.textContent(), "One of the files is empty or damaged.");
    await alice.button("Discard").click();
    await assertSoon(() => own.queued(), []);
    await alice.say("a text");
    await alice.sees("ten", "a text");
  }, { FILE_BYTES: "1000" }),
);

Deno.test(
  "[U283] a message with pictures takes its space before they are loaded",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const [own, others] = [new FilesPage(alice), new FilesPage(bob)];
    await bob.page.route("**/api/files/**", () => {});
    await own.choose(PICTURE);
    await alice.say("look");
    const box = bob.log.locator(".files > li");
    await box.waitFor();
    const before = await box.boundingBox();

    await bob.page.unroute("**/api/files/**");
    await bob.page.reload();
    await assertSoon(() => others.pictures.count(), 1);

    const after = await box.boundingBox();
    assertEquals([before?.width, before?.height], [after?.width, after?.height]);
    assert((after?.width ?? 0) > 200);
  }),
);

Deno.test(
  "[U285] on a phone of 320 px, nothing of files is wider than the page, and the viewer is in its middle",
  withChat(async (chat) => {
    const viewport = { width: 320, height: 640 };
    const alice = await chat.signIn("alice", { viewport, hasTouch: true, isMobile: true });
    await alice.select("Lobby");
    const own = new FilesPage(alice);
    const name = "notes with a name that is too long for a small screen.txt";
    await own.choose(PICTURE);
    await alice.say("look");
    await assertSoon(() => own.pictures.count(), 1);
    await own.choose(text(name), text(`more ${name}`));
    await assertSoon(() => own.attached(), [name, `more ${name}`]);

    const width = () => alice.page.evaluate("document.documentElement.scrollWidth");
    assertEquals(await width(), 320);
    await alice.button("Show room.png").click();
    await alice.dialog.getByRole("img").waitFor();
    const place = async () => {
      const { x = 0, width = 0 } = await alice.dialog.boundingBox() ?? {};
      return [x, 320 - x - width, width > 250];
    };
    await assertSoon(place, [19, 19, true]);
    assertEquals(await width(), 320);
  }),
);

Deno.test(
  "[U284] without a place for files there is no button, and all goes on as before",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("hello");
    await alice.sees("hello");

    assertEquals(await alice.button("Attach files").count(), 0);
  }, { FILES: "off" }),
);

Deno.test(
  "[U410] who sends files from the middle of a conversation sees them at its end, as after a text",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (let n = 1; n <= 60; n++) await bob.say("room:lobby", `text ${n}`);
    const alice = await chat.signIn("alice");
    const files = new FilesPage(alice);
    await alice.log.getByText("text 60", { exact: true }).waitFor();
    await alice.log.evaluate((list) => void (list.scrollTop = 300));
    await alice.button("Jump to latest").waitFor();

    await files.choose({ name: "sky.txt", mimeType: "text/plain", content: "sky" });
    await assertSoon(() => files.attached(), ["sky.txt"]);
    await alice.button("Send").click();

    const sent = alice.log.getByRole("button", { name: "Download sky.txt" });
    await sent.waitFor();
    const isVisible = () =>
      sent.evaluate((button) => {
        const end = button.closest(".messages")?.getBoundingClientRect().bottom ?? 0;
        return button.getBoundingClientRect().bottom <= end;
      });
    await assertSoon(isVisible, true);
    await assertSoon(() => alice.page.locator(".jump-to-latest").count(), 0);
  }),
);
