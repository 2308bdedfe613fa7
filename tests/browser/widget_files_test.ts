import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { FilesPage } from "./files_page.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";
import { png } from "../support/picture_bytes.ts";

const POLICY = (server: string) =>
  `default-src 'none'; script-src ${server}; connect-src ${server}; img-src data:`;

type ChosenFile = readonly [name: string, mimeType: string, content: Uint8Array | string];

async function chooseFile(
  { page, panel }: WidgetPage,
  ...[name, mimeType, content]: ChosenFile
): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await panel.getByRole("button", { name: "Attach files" }).click();
  await (await choosing).setFiles({ name, mimeType, buffer: Buffer.from(content) });
}

Deno.test(
  "[T61] [T62] a visitor sends files and gets them, and pictures only if the policy of the page allows them",
  withShop(async (chat, shop) => {
    const bob = await chat.signIn("bob");
    await bob.joinRoom("support");
    const team = new FilesPage(bob);
    const mia = new WidgetPage(await chat.openPage(shop.page(chat)));
    await mia.enter("Mia");
    const choose = (...file: ChosenFile) => chooseFile(mia, ...file);
    const pictures = mia.panel.getByRole("img", { name: /^Picture: / });

    await choose("scope.png", "image/png", png());
    await assertSoon(() => team.pictures.count(), 1);
    await assertSoon(() => pictures.count(), 1);
    await team.choose({ name: "manual.pdf", mimeType: "application/pdf", content: "%PDF-1.7" });
    await bob.button("Send").click();

    const downloading = mia.page.waitForEvent("download");
    await mia.panel.getByRole("button", { name: "Download manual.pdf" }).click();
    assertEquals((await downloading).suggestedFilename(), "manual.pdf");
    assertEquals(await accessibilityViolations(mia.page), []);
    await mia.panel.getByRole("button", { name: "Show scope.png" }).click();
    const viewer = mia.widget.getByRole("dialog", { name: "scope.png" });
    await viewer.getByRole("img").waitFor();
    await mia.page.keyboard.press("Escape");
    await assertSoon(() => viewer.count(), 0);
    await mia.panel.waitFor();

    chat.errors.expect("refusal");
    const alert = mia.panel.locator(".queued [role=alert]");
    await choose("broken.jpg", "image/jpeg", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 1));
    await assertSoon(() => alert.textContent(), "One of the files is empty or damaged.");
    await mia.panel.getByRole("button", { name: "Remove broken.jpg" }).click();
    await assertSoon(() => alert.count(), 0);

    chat.errors.expect("blob");
    await mia.page.goto(shop.page(chat, "", { policy: POLICY(chat.url) }));
    await mia.panel.getByRole("button", { name: "Download scope.png" }).waitFor();
    assertEquals(await pictures.count(), 0);
  }),
);

Deno.test(
  "[T62] files that are pasted or dropped on the panel of the widget are sent, not shown in place of the page",
  withShop(async (chat, shop) => {
    const bob = await chat.signIn("bob");
    await bob.joinRoom("support");
    const mia = new WidgetPage(await chat.openPage(shop.page(chat)));
    await mia.enter("Mia");
    await mia.panel.getByRole("button", { name: "Attach files" }).waitFor();
    /** Whether the browser still does what it does by default. */
    const give = (how: "paste" | "drop", name: string) =>
      mia.composer.evaluate((field, [how, name]) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File(["%PDF-1.7"], name!, { type: "application/pdf" }));
        const options = { bubbles: true, cancelable: true, composed: true };
        const event = how === "paste"
          ? new ClipboardEvent("paste", { ...options, clipboardData })
          : new DragEvent("drop", { ...options, dataTransfer: clipboardData });
        return field.dispatchEvent(event);
      }, [how, name]);

    const isDefault = [await give("paste", "copied.pdf"), await give("drop", "dragged.pdf")];

    assertEquals(isDefault, [false, false]);
    for (const name of ["copied.pdf", "dragged.pdf"]) {
      await bob.log.getByRole("button", { name: `Download ${name}` }).waitFor();
      await mia.panel.getByRole("button", { name: `Download ${name}` }).waitFor();
    }
    assertEquals(await mia.panel.locator(".queued").count(), 0);
  }),
);

Deno.test(
  "[T63] files that were not sent are sent once by a later page, with the server away meanwhile; signing out asks first, and forgets them",
  withShop(async (chat, shop) => {
    chat.errors.expect("network");
    const bob = await chat.signIn("bob");
    await bob.joinRoom("support");
    const [first, second] = [shop.page(chat), shop.page(chat)];
    const mia = new WidgetPage(await chat.openPage(first));
    const queued = mia.panel.locator(".queued");
    const signOut = mia.panel.getByRole("button", { name: "Sign out" });
    const choose = (name: string) => chooseFile(mia, name, "application/pdf", "%PDF-1.7");
    const uploads = "**/api/files?*";
    const files = bob.log.getByRole("button", { name: /^Download / });
    await mia.enter("Mia");

    await mia.page.route(uploads, (route) => route.abort());
    await choose("receipt.pdf");
    await queued.waitFor();
    await mia.page.goto(second);
    await queued.getByText("receipt.pdf").waitFor();
    assertEquals(await files.count(), 0);
    await mia.page.unroute(uploads);
    await mia.page.goto(first);
    await assertSoon(() => files.count(), 1);
    await assertSoon(() => queued.count(), 0);

    await mia.page.route(uploads, (route) => route.abort());
    await choose("secret.pdf");
    await queued.waitFor();
    await signOut.click();
    await mia.panel.getByRole("alertdialog").getByRole("button", { name: "Sign out" }).click();
    await mia.nameField.waitFor();
    await mia.page.unroute(uploads);
    await mia.page.goto(second);
    await mia.enterName("Nora");
    await choose("invoice.pdf");
    await assertSoon(() => files.count(), 2);
    await assertSoon(() => queued.count(), 0);
    assertEquals((await files.allTextContents()).join().includes("secret"), false);
  }),
);
