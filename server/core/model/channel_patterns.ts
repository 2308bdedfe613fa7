import { composed, formatChannel, parseChannel } from "../../protocol/channel.ts";
import { ROOM_NAME_LENGTH } from "../../protocol/limits.ts";

/** The beginning of an address. */
const PREFIX = /^(|room:[\p{L}\p{M}\p{N}._-]{0,64}|direct:[A-Za-z0-9_-]{0,16})$/u;
const PREFIX_LENGTH = "room:".length + ROOM_NAME_LENGTH;
const RECIPIENT = /^direct:[A-Za-z0-9_-]{16}$/;

/**
 * A set of channels: addresses such as `room:tea`, `direct:<publicToken of the recipient>` or `notice`; prefixes that end
 * in `*`, such as `room:team-*`; and `*` for all channels.
 */
export class ChannelPatterns {
  readonly #addresses: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  /** Parses patterns; returns `undefined` if one of them is invalid. */
  static parse(words: readonly string[]): ChannelPatterns | undefined {
    const addresses = new Set<string>();
    const prefixes: string[] = [];
    for (const word of words) {
      const prefix = word.endsWith("*") ? prefixOf(word) : undefined;
      const address = addressOf(word);
      if (prefix !== undefined) prefixes.push(prefix);
      else if (address !== undefined) addresses.add(address);
      else return undefined;
    }
    return new ChannelPatterns(addresses, prefixes);
  }

  private constructor(addresses: ReadonlySet<string>, prefixes: readonly string[]) {
    this.#addresses = addresses;
    this.#prefixes = prefixes;
  }

  /** Whether the set contains no channels. */
  get isEmpty(): boolean {
    return this.#addresses.size === 0 && this.#prefixes.length === 0;
  }

  /** Whether the set contains the channel of this address. */
  covers(address: string): boolean {
    return this.#addresses.has(address) ||
      this.#prefixes.some((prefix) => address.startsWith(prefix));
  }
}

function prefixOf(word: string): string | undefined {
  const prefix = composed(word.slice(0, -1), PREFIX_LENGTH);
  return prefix !== undefined && PREFIX.test(prefix) ? prefix : undefined;
}

function addressOf(word: string): string | undefined {
  if (RECIPIENT.test(word)) return word;
  const channel = parseChannel(word);
  return channel === undefined || channel.kind === "direct" ? undefined : formatChannel(channel);
}
