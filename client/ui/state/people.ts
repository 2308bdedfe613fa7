import { effect, signal } from "@preact/signals";
import type { CometClient, Person, Present, Signal } from "../../comet/halley.ts";
import type { Names } from "./names.ts";

/** Signals may be missed, so the whole list is read again this often. */
const REFRESH_INTERVAL = 30_000;

/** Whom a list of people belongs to, and whom it asks. */
export interface PeopleOptions {
  readonly client: CometClient;
  readonly self: Person;
  readonly names: Names;
}

/** Who is in the conversation that is looked at. */
export class People implements Disposable {
  /** By name; unknown before it was read. */
  readonly present = signal<readonly Present[] | undefined>(undefined);
  readonly #options: PeopleOptions;
  readonly #timer = setInterval(() => this.refresh(), REFRESH_INTERVAL);
  readonly #stop: () => void;
  #channel: string | undefined;

  /** `watched` says which channel that is, by signals. */
  constructor(options: PeopleOptions, watched: () => string | undefined) {
    this.#options = options;
    this.#stop = effect(() => this.#watch(watched()));
  }

  /** One of those in the conversation. */
  find(publicToken: string | undefined): Present | undefined {
    return this.present.value?.find((one) => one.publicToken === publicToken);
  }

  /** Reads the whole list. */
  async refresh(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined) return;
    try {
      const { present } = await this.#options.client.presence(channel);
      if (channel === this.#channel) this.#set(present);
    } catch {
      // The old list stands until the next time.
    }
  }

  /** Takes in a change. */
  note(change: Signal): void {
    if (change.type !== "presence") return;
    const { publicToken, displayName } = change.from;
    const known = this.present.peek() ?? [];
    if (change.channel !== this.#channel) {
      // Somebody in a direct conversation came into a room, or left one: that may be all one hears of it.
      const isHere = publicToken !== this.#options.self.publicToken &&
        known.some((one) => one.publicToken === publicToken);
      if (isHere && this.#channel?.startsWith("direct:")) this.refresh();
      return;
    }
    const others = known.filter((one) => one.publicToken !== publicToken);
    const changed = { publicToken, displayName, state: change.state, lastSeen: change.at };
    this.#set(change.state === "offline" ? others : [...others, changed]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  /** One is here oneself, even before the first poll that names a room has told so. */
  #set(present: readonly Present[]): void {
    const { publicToken, displayName } = this.#options.self;
    const self = { publicToken, displayName, state: "active", lastSeen: Date.now() } as const;
    const others = present.filter((one) => one.publicToken !== publicToken);
    for (const one of others) this.#options.names.note(one);
    this.present.value = [...others, self].sort(byName);
  }

  #watch(channel: string | undefined): void {
    if (channel === this.#channel) return;
    this.#channel = channel;
    this.present.value = undefined;
    this.refresh();
  }
}

function byName(one: Present, other: Present): number {
  return one.displayName.localeCompare(other.displayName) ||
    one.publicToken.localeCompare(other.publicToken);
}
