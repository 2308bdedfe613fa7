import { assertEquals } from "@std/assert";
import { readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";

/** The width and height that a PNG file begins with. */
function sizeOf(png: Uint8Array<ArrayBuffer>): string {
  const view = new DataView(png.buffer);
  return `${view.getUint32(16)}x${view.getUint32(20)}`;
}

Deno.test("[V26] the page can be installed below any path, with icons of the sizes that its manifest says", async () => {
  await using chat = await Chat.open({ assets: await readAssets("static"), basePath: "/chat" });
  const page = await (await chat.request("GET", "/chat/")).text();
  const [, link = ""] = /<link rel="manifest" href="([^"]+)"/.exec(page) ?? [];

  const address = `http://halley.test/chat/${link}`;
  const manifest = await (await chat.app.request(address)).json();

  const resolve = (path: string) => new URL(path, address).href;
  assertEquals(resolve(manifest.start_url), "http://halley.test/chat/");
  assertEquals(resolve(manifest.scope), "http://halley.test/chat/");
  // By default it is `start_url`. A relative one would be that of all servers of an origin.
  assertEquals([manifest.id, manifest.display], [undefined, "standalone"]);
  const pngs = manifest.icons.filter(({ type }: { type: string }) => type === "image/png");
  assertEquals(pngs.map(({ sizes, purpose }: Record<string, string>) => [sizes, purpose]), [
    ["192x192", undefined],
    ["512x512", undefined],
    ["512x512", "maskable"],
  ]);
  for (const { src, sizes, type } of pngs) {
    const response = await chat.app.request(resolve(src));
    assertEquals([src, response.headers.get("content-type")], [src, type]);
    assertEquals([src, sizeOf(await response.bytes())], [src, sizes]);
  }
});
