import { abortable } from "../../../client/comet/abort.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Chat } from "../../support/chat.ts";
import { replace } from "./browser.ts";

/** What happens to requests and replies, or to messages between tabs. */
export interface Conditions {
  /** The fraction that is lost. */
  loss: number;
  /** Maximum time in ms on the way: later ones can overtake earlier ones. */
  delay: number;
}

/** Makes `fetch` reach a chat without a socket, over a network with these conditions, until disposed. */
export function openBadNetwork(
  chat: Chat,
  conditions: Conditions,
  random: SeededRandom,
): Disposable {
  const travel = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const isLost = random.next() < conditions.loss;
      const fail = () => reject(new TypeError("The network failed"));
      const timer = setTimeout(isLost ? fail : resolve, random.next() * conditions.delay);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)));
    });
  return replace(globalThis, "fetch", async (url: string, init: RequestInit) => {
    const signal = init.signal ?? new AbortController().signal;
    await travel(signal);
    const response = Promise.resolve(chat.app.request(new URL(url).pathname, init));
    const received = await abortable(response, signal);
    await travel(signal);
    return received;
  });
}
