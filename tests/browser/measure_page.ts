/**
 * Prints the size and the speed of the page: `deno run -A --config tests/deno.json tests/browser/measure_page.ts`.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { BrowserChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const LOBBY = "room:lobby";
const MANY = 10_000;
const SECOND = 1_000;

await using chat = await BrowserChat.open();
using remote = new RemoteChat(chat.url);
const bob = await remote.signIn("bob");
await printSizes();
await fill();
const alice = await chat.visit({ viewport: { width: 1200, height: 800 } });
await printLoading(alice);
await alice.signIn("alice");
await printScrolling(alice);
await printTyping(alice);

async function printSizes(): Promise<void> {
  const page = await (await remote.request("GET", "/")).text();
  const files = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)];
  for (const path of files.map(([, path]) => `/${path}`)) {
    const text = await (await remote.request("GET", path)).text();
    console.log(`${path}: ${(gzipSync(text, { level: 9 }).length / 1024).toFixed(1)} KiB gzipped`);
  }
}

/** Fills the lobby with messages, 20 at a time. */
async function fill(): Promise<void> {
  const says = async (first: number) => {
    for (let n = first; n < MANY; n += 20) {
      const text = n % 7 === 0 ? `${n}: ${"a longer text that wraps ".repeat(8)}` : `text ${n}`;
      await bob.say(LOBBY, text);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, n) => says(n)));
}

/** Measures the time from navigation to the sign-in form. */
async function printLoading({ page, nameField }: ChatPage): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    await page.reload();
    await nameField.waitFor();
    times.push(
      await page.evaluate(() => {
        const [navigation] = performance.getEntriesByType("navigation");
        return navigation instanceof PerformanceNavigationTiming ? navigation.domInteractive : NaN;
      }),
      await page.evaluate(() =>
        performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN
      ),
    );
  }
  const [interactive, painted] = [0, 1].map((part) =>
    median(times.filter((_, n) => n % 2 === part))
  );
  console.log(
    `interactive after ${interactive?.toFixed(0)} ms, painted after ${painted?.toFixed(0)} ms`,
  );
}

/** Scrolls up until the whole history is loaded, then measures the frames while scrolling through it. */
async function printScrolling({ page, log }: ChatPage): Promise<void> {
  await log.getByText("text", { exact: false }).first().waitFor();
  const loading = Date.now();
  const count = await log.evaluate(async (list) => {
    const frame = () => new Promise(requestAnimationFrame);
    while (!list.querySelector(".start")?.textContent?.includes("beginning")) {
      list.scrollTop = 0;
      await frame();
    }
    return list.querySelectorAll("[data-id]").length;
  });
  console.log(`${count} messages loaded by scrolling up in ${Date.now() - loading} ms`);
  await print("frames while scrolling through them", page, async () => {
    await log.evaluate(async (list) => {
      const step = list.scrollHeight / 400;
      for (let n = 0; n < 400; n++) {
        list.scrollTop = list.scrollHeight - n * step;
        await new Promise(requestAnimationFrame);
      }
    });
  });
}

/** Measures typing while many messages arrive. */
async function printTyping({ page, composer }: ChatPage): Promise<void> {
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await page.evaluate(() => {
    const latencies: number[] = [];
    Reflect.set(globalThis, "latencies", latencies);
    addEventListener("input", (event) => {
      requestAnimationFrame(() => latencies.push(performance.now() - event.timeStamp));
    }, true);
  });
  const end = Date.now() + 6 * SECOND;
  const rush = (async () => {
    for (let n = 0; Date.now() < end; n++) {
      bob.say(LOBBY, `rush ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await print("frames while 50 messages per second arrive", page, async () => {
    await composer.pressSequentially("a text that is typed while many others talk at once", {
      delay: 90,
    });
  });
  await rush;
  const latencies = await page.evaluate((): number[] => Reflect.get(globalThis, "latencies"));
  latencies.sort((one, other) => one - other);
  const at = (part: number) => latencies[Math.floor(part * (latencies.length - 1))]?.toFixed(1);
  console.log(`from key to frame: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`);
}

/** Prints the duration of frames and long tasks during an action. */
async function print(what: string, page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => {
    const frames: number[] = [];
    const tasks: number[] = [];
    Object.assign(globalThis, { frames, tasks, isWatching: true });
    let last = performance.now();
    const watch = (now: number) => {
      frames.push(now - last);
      last = now;
      if (Reflect.get(globalThis, "isWatching")) requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
  });
  await act();
  const { frames, tasks } = await page.evaluate(() => {
    Reflect.set(globalThis, "isWatching", false);
    const read = (name: string): number[] => Reflect.get(globalThis, name);
    return { frames: read("frames"), tasks: read("tasks") };
  });
  frames.sort((one, other) => one - other);
  const at = (part: number) => frames[Math.floor(part * (frames.length - 1))]?.toFixed(1);
  console.log(
    `${what}: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms; ` +
      `${tasks.length} tasks over 50 ms (${tasks.map((one) => one.toFixed(0)).join(", ")})`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
