/**
 * `deno task bench --widget`: measures the time from a visitor's first click on the chat's button until they can type, in
 * Chromium with the processor and the network of a slow phone.
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { ForeignSite } from "../browser/foreign_site.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { median } from "./metrics.ts";
import { beSlow } from "./slow_phone.ts";

const ROUNDS = 7;

/** Prints the median and the extremes of several visits, each with an empty cache. */
export async function measureWidget(): Promise<void> {
  await using site = ForeignSite.open();
  const settings = { ALLOWED_ORIGINS: site.origin, LOG_LEVEL: "warn" };
  await using server = await ServerProcess.start({ settings });
  await using browser = await openBrowser();
  const script = `<script src="${server.url}/widget.js" data-room="support"></script>`;
  const url = site.put("/", { text: `<!DOCTYPE html><title>Shop</title><body>${script}</body>` });
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) times.push(await visit(browser, url));
  const [fastest, typical, slowest] = [Math.min(...times), median(times), Math.max(...times)]
    .map((ms) => `${(ms / 1_000).toFixed(1)} s`);
  console.log(`until a visitor can type: ${typical} (${fastest} to ${slowest})`);
}

/** Returns the time in ms from the click until the first field has the focus. */
async function visit(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  await beSlow({ context, page, latency: 150 });
  await page.goto(url);
  const widget = page.locator("halley-widget");
  await widget.locator(".launcher").waitFor();
  const start = performance.now();
  await widget.locator(".launcher").click();
  await widget.getByRole("dialog").getByRole("textbox").first().waitFor();
  const ms = performance.now() - start;
  await context.close();
  return ms;
}
