import { formatChannel, parseChannel } from "../../protocol/channel.ts";

/** The beginning of an address, or a whole one that no channel of its own has. */
const BEGINNING = /^(|room:[\p{L}\p{M}\p{N}._-]{0,64}|direct:[A-Za-z0-9_-]{0,16})$/u;
const SOMEBODY = /^direct:[A-Za-z0-9_-]{16}$/;

/**
 * Names channels: whole addresses, such as `room:tea`, `direct:<the other's publicToken>` or `notice`; beginnings of
 * addresses that end in `*`, such as `room:team-*`; and `*` for all.
 */
export class ChannelPatterns {
  readonly #whole: ReadonlySet<string>;
  readonly #beginnings: readonly string[];

  /** Reads patterns; `undefined` where one of them is none. */
  static parse(words: readonly string[]): ChannelPatterns | undefined {
    const whole = new Set<string>();
    const beginnings: string[] = [];
    for (const word of words) {
      const beginning = word.endsWith("*") ? beginningOf(word) : undefined;
      const address = addressOf(word);
      if (beginning !== undefined) beginnings.push(beginning);
      else if (address !== undefined) whole.add(address);
      else return undefined;
    }
    return new ChannelPatterns(whole, beginnings);
  }

  private constructor(whole: ReadonlySet<string>, beginnings: readonly string[]) {
    this.#whole = whole;
    this.#beginnings = beginnings;
  }

  /** Whether no channel is named. */
  get isEmpty(): boolean {
    return this.#whole.size === 0 && this.#beginnings.length === 0;
  }

  /** Whether the channel of this address is named. */
  covers(address: string): boolean {
    return this.#whole.has(address) ||
      this.#beginnings.some((beginning) => address.startsWith(beginning));
  }
}

function beginningOf(word: string): string | undefined {
  const beginning = word.slice(0, -1).normalize("NFC");
  return BEGINNING.test(beginning) ? beginning : undefined;
}

function addressOf(word: string): string | undefined {
  if (SOMEBODY.test(word)) return word;
  const channel = parseChannel(word);
  return channel === undefined || channel.kind === "direct" ? undefined : formatChannel(channel);
}
