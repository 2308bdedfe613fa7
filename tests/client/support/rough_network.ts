import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Chat } from "../../support/chat.ts";
import { replace } from "./browser.ts";

/** How requests fare. */
export interface Roughness {
  /** Which part of the requests, and of the answers, is lost. */
  loss: number;
  /** The longest (ms) that either is on its way. */
  delay: number;
}

/** Lets `fetch` reach a chat without a socket, over a network as rough as that, until disposed. */
export function openRoughNetwork(
  chat: Chat,
  roughness: Roughness,
  chance: SeededRandom,
): Disposable {
  const travel = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const isLost = chance.next() < roughness.loss;
      const fail = () => reject(new TypeError("The network failed"));
      const timer = setTimeout(isLost ? fail : resolve, chance.next() * roughness.delay);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)));
    });
  return replace(globalThis, "fetch", async (url: string, init: RequestInit) => {
    const signal = init.signal ?? new AbortController().signal;
    await travel(signal);
    const response = await abortable(chat.app.request(new URL(url).pathname, init), signal);
    await travel(signal);
    return response;
  });
}

/** What comes too late for an abort comes nowhere. */
function abortable<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    Promise.resolve(promise).then(resolve, reject);
  });
}
