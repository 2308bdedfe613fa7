import type { Message } from "../../protocol/message.ts";
import { isMessage } from "../model/change.ts";
import type { Topic } from "../model/message.ts";
import type { MessageLog } from "../model/store.ts";
import type { LogReader } from "./log_reader.ts";
import type { StoreRequest } from "./read_queue.ts";

/** Maximum number of pages without any message that are read to find the first one. */
const PAGES = 10;

/**
 * The highest id of what was sent before a Unix time in ms, as far as the wall clock has only gone forwards. Reads about
 * twenty entries of a log with a million.
 */
export async function idBefore(
  time: number,
  { log, inTurn }: {
    readonly log: MessageLog;
    readonly inTurn: <T>(read: () => Promise<T>) => Promise<T>;
  },
): Promise<number> {
  let [low, high] = [0, await log.newestId()];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await inTurn(() => log.scan(middle, 1));
    // Ids between the middle and the entry are those of what was removed.
    if (entry === undefined || entry.id > high || entry.at >= time) high = middle;
    else low = entry.id;
  }
  return low;
}

/** The first message of a topic after an id and from a Unix time in ms on, if there is one. */
export async function firstAfter(
  topic: Topic,
  { after, since, reader, request }: {
    readonly after: number;
    readonly since: number;
    readonly reader: LogReader;
    readonly request: StoreRequest;
  },
): Promise<Message | undefined> {
  let last = after;
  for (let page = 0; page < PAGES; page++) {
    const options = { request, withoutChanges: true };
    const { messages, upTo } = await reader.read([topic], last, options);
    const first = messages.find((message) => isMessage(message) && message.at >= since);
    if (first !== undefined || upTo <= last || upTo >= reader.newest) return first;
    last = upTo;
  }
  return undefined;
}
