/**
 * Draws the icons that systems show for an installed page, from `static/icon.svg`: `deno run -A --config tests/deno.json
 * tests/browser/draw_icons.ts`. Run it when that has changed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { openBrowser } from "../support/browser.ts";

/** The drawing without its rounded square, at the same scale, for systems that cut the corners themselves. */
const MASKABLE = { file: "icon-maskable.png", size: 512, scale: 0.8, isRound: false };

const ICONS = [
  { file: "icon-192.png", size: 192, scale: 1, isRound: true },
  { file: "icon-512.png", size: 512, scale: 1, isRound: true },
  MASKABLE,
];

const folder = fileURLToPath(new URL("../../static/", import.meta.url));
const svg = await Deno.readTextFile(`${folder}icon.svg`);
const background = /<rect [^>]*fill="([^"]*)"/.exec(svg)?.[1] ?? "";

await using browser = await openBrowser();
const page = await browser.newPage();
for (const { file, size, scale, isRound } of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  const drawing = isRound ? svg : svg.replace(' rx="8"', "");
  const style =
    `html{background:${isRound ? "transparent" : background}}body{margin:0;display:grid;` +
    `place-items:center;height:100vh}svg{width:${scale * 100}%;height:${scale * 100}%}`;
  await page.setContent(`<style>${style}</style>${drawing}`);
  await page.screenshot({ path: folder + file, omitBackground: true });
}
