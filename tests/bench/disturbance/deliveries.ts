import { delay } from "../../../server/base/delay.ts";
import type { Account, Seed } from "./seed.ts";

/** Time between two messages, in ms. The senders take turns. */
const INTERVAL = 25;

const ADDRESS = "198.51.100.1";

/**
 * Sends numbered messages, and returns the times in ms from when each of them was due to its arrival at the reader: a
 * message that could not be sent in time counts with its whole delay. Those of the first `warmUp` ms are left out.
 */
export async function timeDeliveries(
  port: number,
  { senders, reader }: Seed,
  { warmUp, duration }: { readonly warmUp: number; readonly duration: number },
): Promise<readonly number[]> {
  const count = Math.floor((warmUp + duration) / INTERVAL);
  const times = new Map<number, number>();
  const start = performance.now() + INTERVAL;
  const dueAt = (n: number) => start + n * INTERVAL;
  const channels = ["room:tea"];
  let { cursor } = await post(port, reader, "poll", { channels });
  const send = async () => {
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < count; n++) {
      await delay(Math.max(0, dueAt(n) - performance.now()));
      const sender = senders[n % senders.length]!;
      sent.push(post(port, sender, "messages", { channel: "room:tea", text: `${n}` }));
    }
    await Promise.all(sent);
  };
  const read = async () => {
    while (times.size < count) {
      const reply = await post(port, reader, "poll", { channels, cursor });
      const now = performance.now();
      for (const { channel, text } of reply.messages) {
        if (channel === "room:tea") times.set(Number(text), now - dueAt(Number(text)));
      }
      cursor = reply.cursor;
    }
  };
  await Promise.all([send(), read()]);
  return [...times].flatMap(([n, ms]) => n * INTERVAL < warmUp ? [] : ms);
}

async function post(port: number, { privateToken }: Account, path: string, body: unknown) {
  const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${privateToken}`,
      "content-type": "application/json",
      "x-forwarded-for": ADDRESS,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
