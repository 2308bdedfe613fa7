/**
 * Takes the pictures of the inbox in docs/images, `inbox.png`, `inbox-dark.png` and `inbox-phone.png`:
 * `deno run -A --config tests/deno.json tests/browser/support_screenshots.ts`.
 *
 * @module
 */
import { join } from "node:path";
import type { ChatPage } from "./chat_page.ts";
import { withSupport } from "./support_team.ts";

const FOLDER = join(import.meta.dirname!, "../../docs/images");

const STILL = { locale: "en-GB", reducedMotion: "reduce" } as const;

await withSupport(async ({ signIn, member, visitor }) => {
  const [nora, tom, mei, igor] = [
    await visitor("Nora"),
    await visitor("Tom"),
    await visitor("Mei"),
    await visitor("Igor"),
  ];
  const ben = await member("Ben");
  await igor.say("Thank you, that was it!");
  await ben.send({ channel: igor.room, event: "closed" });
  await tom.say("My telescope came without the eyepiece. What can I do?");
  await ben.send({ channel: tom.room, event: "claimed" });
  await ben.send({ channel: tom.room, text: "I am sorry. It leaves today, free of charge." });
  await mei.say("Do you deliver to Norway?");
  await nora.say("Hello! Which binoculars are good for comets?");
  const ann = await signIn("Ann", { ...STILL, viewport: { width: 840, height: 510 } });
  await open(ann, "Nora");
  await ann.button("Claim").click();
  await ann.button("Release").waitFor();
  await ann.say("7 × 50. They are bright, and your hands need no tripod.");
  await ann.log.getByLabel("Sent", { exact: true }).waitFor();
  await nora.say("Great. Can I see the comet from the city, too?");
  await ann.log.getByText("from the city").waitFor();
  await nora.read();
  await ann.page.locator(".conversation-header").getByText("online").waitFor();
  await ann.page.mouse.move(1, 1);

  await take(ann, "inbox.png");
  await ann.page.emulateMedia({ colorScheme: "dark" });
  await take(ann, "inbox-dark.png");
  const phone = await signIn("Ann", { ...STILL, viewport: { width: 390, height: 640 } });
  await phone.page.getByText("Mei", { exact: true }).waitFor();
  await take(phone, "inbox-phone.png");
})();

async function open({ page }: ChatPage, visitor: string): Promise<void> {
  await page.locator(".inbox .conversation-item").filter({ hasText: visitor }).click();
}

async function take({ page }: ChatPage, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, name), animations: "disabled", caret: "hide" });
}
