/**
 * `deno task bench --page`: measures how soon the page paints, and shows the first message of a conversation, to somebody
 * who is signed in and whose browser has nothing in its cache, in Chromium with the processor and the network of a slow phone.
 *
 * @module
 */

import type { BrowserContext } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { median } from "./metrics.ts";
import { beSlow } from "./slow_phone.ts";

const ROUNDS = 7;

/** Milliseconds after the navigation. */
interface Opening {
  readonly painted: number;
  readonly readable: number;
}

/** Prints the median and the extremes of several openings. */
export async function measurePage(): Promise<void> {
  await using server = await ServerProcess.start({ settings: { LOG_LEVEL: "warn" } });
  await using browser = await openBrowser();
  await using context = await browser.newContext({
    locale: "en-US",
    // The worker of an earlier round would have the files of the page.
    serviceWorkers: "block",
  });
  await signIn(context, server.url);
  const openings: Opening[] = [];
  for (let round = 1; round <= ROUNDS; round++) openings.push(await open(context, server.url));
  for (const name of ["painted", "readable"] as const) {
    const times = openings.map((opening) => opening[name]);
    const [fastest, typical, slowest] = [Math.min(...times), median(times), Math.max(...times)]
      .map((ms) => `${(ms / 1_000).toFixed(2)} s`);
    console.log(`${name} after ${typical} (${fastest} to ${slowest})`);
  }
}

/** Leaves a session with some messages in the browser. */
async function signIn(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill("Alice");
  await page.getByRole("button", { name: "Sign in" }).click();
  const composer = page.getByRole("textbox", { name: "Message", exact: true });
  for (let n = 1; n <= 30; n++) {
    await composer.fill(`Message ${n} of those that wait for a slow phone`);
    await composer.press("Enter");
  }
  await page.locator(".message[data-id]").nth(29).waitFor();
  await page.close();
}

async function open(context: BrowserContext, url: string): Promise<Opening> {
  const page = await context.newPage();
  await beSlow({ context, page, latency: 300 });
  await page.goto(url, { waitUntil: "commit" });
  const readable = await page.waitForFunction(() =>
    document.querySelector(".message .text")?.checkVisibility() ? performance.now() : undefined
  ).then((handle) => handle.jsonValue());
  const painted = await page.evaluate(() =>
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime
  );
  await page.close();
  return { painted: painted ?? NaN, readable: readable ?? NaN };
}
