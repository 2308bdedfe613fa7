import { countSentBefore } from "../log/fair_trim.ts";
import { isChange } from "../model/change.ts";
import { isNoticeChannel } from "../model/message.ts";
import { isBelow, isMeantAsPattern } from "../../protocol/room_pattern.ts";
import type { MessageLog } from "../model/store.ts";

/** How long messages of some channels are stored, if shorter than others. */
export interface AgeRule {
  /** A room, a pattern of rooms, `direct` for all direct messages, or `notice` for all notices. */
  readonly channels: string;
  readonly maxAgeMs: number;
}

/** What {@linkcode AgeRules} are constructed from. */
export interface AgeRulesDeps {
  readonly log: MessageLog;
  readonly rules: readonly AgeRule[];
  /** Called with the id up to which no message that is too old is stored, by whichever node it was removed. */
  readonly onRemoved: (upTo: number) => void;
}

/** Number of entries that are read at once, and of messages that are removed at once. */
const PORTION = { read: 500, removed: 40 } as const;

/**
 * Removes messages that are older than the rule for their channel allows: of several rules, the first one counts. Reads the log
 * from its beginning once for each age, in portions, and remembers how far it has come: messages become old in the order of
 * the log.
 */
export class AgeRules {
  readonly #log: MessageLog;
  readonly #rules: readonly AgeRule[];
  readonly #onRemoved: (upTo: number) => void;
  /** For each age, the id up to which no message that it is for is stored. */
  readonly #doneUpTo = new Map<number, number>();

  constructor({ log, rules, onRemoved }: AgeRulesDeps) {
    this.#log = log;
    this.#rules = rules;
    this.#onRemoved = onRemoved;
    for (const { maxAgeMs } of rules) this.#doneUpTo.set(maxAgeMs, 0);
  }

  /** Visits a portion of the log; returns whether there may be more to remove at the Unix time `now` in ms. */
  async trim(now: number): Promise<boolean> {
    for (const age of this.#doneUpTo.keys()) {
      if (await this.#trimBefore(age, now)) return true;
    }
    return false;
  }

  async #trimBefore(age: number, now: number): Promise<boolean> {
    if (now <= age) return false;
    const entries = await this.#log.scan(this.#doneUpTo.get(age) ?? 0, PORTION.read);
    const times = entries.map(({ at }) => at);
    const old = entries.slice(0, countSentBefore(now - age, { times, now }));
    const last = old.at(-1);
    if (last === undefined) return false;
    const ids = old.filter((entry) => !isChange(entry) && this.#ageOf(entry.channel) === age)
      .map(({ id }) => id);
    for (let n = 0; n < ids.length; n += PORTION.removed) {
      await this.#log.trim(now, ids.slice(n, n + PORTION.removed));
    }
    this.#doneUpTo.set(age, last.id);
    this.#onRemoved(last.id);
    return old.length === PORTION.read;
  }

  #ageOf(channel: string): number | undefined {
    return this.#rules.find(({ channels }) => isOf(channels, channel))?.maxAgeMs;
  }
}

function isOf(channels: string, channel: string): boolean {
  if (channels === "direct") return channel.startsWith("direct:");
  if (channels === "notice") return isNoticeChannel(channel);
  return isMeantAsPattern(channels) ? isBelow(channels, channel) : channel === channels;
}
