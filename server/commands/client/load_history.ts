import { Backoff } from "../../../client/comet/delays.ts";
import type { CometClient } from "../../../client/comet/comet_client.ts";
import { isFinal } from "../../../client/comet/halley_error.ts";
import { delay } from "../../base/delay.ts";
import { PAGE_SIZE } from "../../protocol/limits.ts";
import type { Message } from "../../protocol/message.ts";
import type { HistoryReply } from "../../protocol/replies.ts";

/**
 * Loads the newest `count` messages of some channels together, oldest first. Retries until the server responds. Throws a
 * final `HalleyError`.
 */
export async function loadHistory(
  client: CometClient,
  channels: readonly string[],
  count: number,
): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (const channel of channels) messages.push(...await loadNewest(client, channel, count));
  const distinct = new Map(messages.map((message) => [message.id, message]));
  return [...distinct.values()].sort((one, other) => one.id - other.id).slice(-count);
}

async function loadNewest(client: CometClient, channel: string, count: number) {
  const newest: Message[] = [];
  while (newest.length < count) {
    const before = newest.at(-1)?.id;
    const limit = Math.min(PAGE_SIZE.max, count - newest.length);
    const { messages, more } = await retry(() => client.history(channel, { before, limit }));
    newest.push(...messages);
    if (!more) break;
  }
  return newest;
}

async function retry(load: () => Promise<HistoryReply>): Promise<HistoryReply> {
  const backoff = new Backoff();
  while (true) {
    try {
      return await load();
    } catch (error) {
      if (isFinal(error)) throw error;
      await delay(backoff.delayAfter(error).ms);
    }
  }
}
