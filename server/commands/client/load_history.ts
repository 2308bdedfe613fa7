import type { CometClient } from "../../../client/comet/comet_client.ts";
import { Backoff } from "../../../client/comet/delays.ts";
import { isFinal } from "../../../client/comet/halley_error.ts";
import type { HistoryReply } from "../../protocol/replies.ts";
import type { Message } from "../../protocol/message.ts";
import type { TailOptions } from "./tail_options.ts";

/** The largest page that a server gives. */
const PAGE = 100;

/** The newest messages of some channels together, oldest first. Tries until it has them; throws a final `HalleyError`. */
export async function loadHistory(
  client: CometClient,
  { channels, history, limit }: TailOptions,
): Promise<readonly Message[]> {
  const wanted = Math.min(history, limit);
  const messages: Message[] = [];
  for (const channel of channels) messages.push(...await loadNewest(client, channel, wanted));
  return messages.sort((one, other) => one.id - other.id).slice(-wanted);
}

async function loadNewest(client: CometClient, channel: string, wanted: number) {
  const newest: Message[] = [];
  while (newest.length < wanted) {
    const before = newest.at(-1)?.id;
    const limit = Math.min(PAGE, wanted - newest.length);
    const { messages, more } = await untilAnswered(() =>
      client.history(channel, { before, limit })
    );
    newest.push(...messages);
    if (!more) break;
  }
  return newest;
}

async function untilAnswered(ask: () => Promise<HistoryReply>): Promise<HistoryReply> {
  const backoff = new Backoff();
  while (true) {
    try {
      return await ask();
    } catch (error) {
      if (isFinal(error)) throw error;
      const { ms } = backoff.delayAfter(error);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}
