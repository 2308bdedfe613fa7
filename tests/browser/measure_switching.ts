/**
 * Prints how long it takes to go from one of 200 conversations to another, at the full speed of the processor and at a
 * quarter of it: `deno run -A --config tests/deno.json tests/browser/measure_switching.ts`.
 *
 * @module
 */
import { RemoteChat } from "../support/remote_chat.ts";
import { BrowserChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const ROOMS = Array.from({ length: 200 }, (_, n) => `room:room-${n + 1}`);
const MESSAGES = 30;

await using chat = await BrowserChat.open();
using remote = new RemoteChat(chat.url);
const bob = await remote.signIn("bob");
const session = await remote.signIn("alice");
for (const room of ROOMS) {
  await session.request("PUT", `/api/conversations/${room}`, {});
  for (let n = 1; n <= MESSAGES; n++) await bob.say(room, `text ${n} in ${room}.`);
}
const alice = await chat.visit({ viewport: { width: 1200, height: 800 } });
await alice.page.evaluate(
  (session) => localStorage.setItem("halley.session", session),
  JSON.stringify(session),
);
await alice.page.reload();
await alice.conversation("room-200").waitFor();
await print("the first time", alice);
await print("again", alice);
const devTools = await alice.page.context().newCDPSession(alice.page);
await devTools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
await print("again, at a quarter of the speed", alice);

/** Selects each conversation, and prints the times until its messages are there, and the durations of frames. */
async function print(what: string, { page }: ChatPage): Promise<void> {
  const { times, frames } = await page.evaluate(async (rooms) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const [times, frames]: [number[], number[]] = [[], []];
    const nextFrame = async () => {
      const start = performance.now();
      await frame();
      frames.push(performance.now() - start);
    };
    for (const room of rooms) {
      const item = document.querySelector<HTMLElement>(`[data-channel="${room}"]`);
      const start = performance.now();
      item?.click();
      const isShown = () =>
        document.querySelector(".messages")?.textContent?.includes(` in ${room}.`);
      while (!isShown()) await nextFrame();
      times.push(performance.now() - start);
      for (let n = 0; n < 3; n++) await nextFrame();
    }
    return { times, frames };
  }, ROOMS);
  const [time, frame] = [times, frames].map((all) => {
    all.sort((one, other) => one - other);
    const at = (part: number) => `${all[Math.floor(part * (all.length - 1))]?.toFixed(0)} ms`;
    return `median ${at(0.5)}, 95 % ${at(0.95)}, longest ${at(1)}`;
  });
  console.log(`${what}: until the messages are there: ${time}; frames: ${frame}`);
}
