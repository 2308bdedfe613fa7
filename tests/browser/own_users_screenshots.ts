/**
 * Takes `docs/images/own-users.png`, the page in a frame of an application with users of its own:
 * `deno run -A --config tests/deno.json tests/browser/own_users_screenshots.ts`.
 *
 * @module
 */
import { join } from "node:path";
import { SECRET, tokenFor } from "../support/tokens.ts";
import { BrowserChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";

const FILE = join(import.meta.dirname!, "../../docs/images/own-users.png");

const STYLE = `<style>
  body { margin: 0; font: 1rem/1.5 Georgia, serif; color: #432; background: #fbf8f4; }
  header { display: flex; gap: 2rem; align-items: baseline; padding: 0.9rem 1.5rem; }
  h1 { margin: 0; font-size: 1.35rem; color: #834; }
  iframe { width: calc(100% - 3rem); height: 540px; margin: 0 1.5rem; border: 1px solid #dcd; }
</style>`;

/** A portrait of a few circles. */
function portrait(background: string, skin: string, hair: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
    <rect width="64" height="64" fill="${background}"/>
    <circle cx="32" cy="24" r="15" fill="${hair}"/><circle cx="32" cy="29" r="12" fill="${skin}"/>
    <ellipse cx="32" cy="62" rx="22" ry="18" fill="${hair}"/></svg>`;
}

const PORTRAITS = {
  Nora: portrait("#f3d9b1", "#e9b48c", "#6d3b1f"),
  Tom: portrait("#c9dff2", "#d99c73", "#2f2a26"),
  Mei: portrait("#e3d5ef", "#f0c8a0", "#1d1b22"),
};

await using site = ForeignSite.open();
await using chat = await BrowserChat.open({
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  FRAME_ANCESTORS: site.origin,
  PICTURE_ORIGINS: site.origin,
});

for (const [name, text] of Object.entries(PORTRAITS)) {
  site.put(`/${name}.svg`, { text, type: "image/svg+xml" });
}
const users = ["Nora", "Tom", "Mei", "Igor"].map((name, n) => ({ name, sub: String(n) }));
const tokens = await Promise.all(users.map(({ name, sub }) => {
  const picture = name in PORTRAITS && { picture: `${site.origin}/${name}.svg` };
  return tokenFor({ iss: undefined, aud: undefined, name, sub, ...picture });
}));
for (
  const [user, text] of [
    [1, "The new eyepieces are in. Shall we put one in the window?"],
    [2, "Yes, the 25 mm, with the card about the comet."],
    [3, "I can print the card until noon."],
    [0, "Perfect, thank you. I’ll open at ten."],
  ] as const
) {
  await fetch(`${chat.url}/api/messages`, {
    method: "POST",
    headers: { "authorization": `Bearer ${tokens[user]}`, "content-type": "application/json" },
    body: JSON.stringify({ channel: "room:lobby", text }),
  });
}
const url = site.put("/team", {
  text: `<!DOCTYPE html><html lang="en"><head><title>Telescopes</title>
    <link rel="icon" href="data:,">${STYLE}</head><body>
    <header><h1>Telescopes</h1><span>Orders</span><span>Stock</span><b>Team</b></header>
    <script>
      addEventListener("message", ({ source, origin, data }) => {
        if (data?.type !== "halley:token-request") return;
        source.postMessage({ type: "halley:token", token: "${tokens[0]}" }, origin);
      });
    </script>
    <iframe title="Team chat" src="${chat.url}"></iframe></body></html>`,
});
const page = await chat.openPage(url, {
  viewport: { width: 1100, height: 640 },
  locale: "en-GB",
  colorScheme: "light",
});
const frame = page.frameLocator("iframe");
await frame.getByText("I’ll open at ten.").last().waitFor();
await frame.locator("[role=log] .avatar img").nth(1).waitFor();
await page.screenshot({ path: FILE });
