import { effect, signal } from "@preact/signals";
import type { CometClient, Person, Present, Signal } from "../../comet/halley.ts";

/** Signals may be missed, so the whole list is read again this often. */
const REFRESH_INTERVAL = 30_000;

/** Who is in the conversation that is looked at. */
export class People implements Disposable {
  /** By name; unknown before it was read. */
  readonly present = signal<readonly Present[] | undefined>(undefined);
  readonly #client: CometClient;
  readonly #timer = setInterval(() => this.refresh(), REFRESH_INTERVAL);
  readonly #stop: () => void;
  readonly #self: Person;
  #channel: string | undefined;

  /** `watched` says which channel that is, by signals. */
  constructor(client: CometClient, self: Person, watched: () => string | undefined) {
    this.#client = client;
    this.#self = self;
    this.#stop = effect(() => this.#watch(watched()));
  }

  /** Reads the whole list. */
  async refresh(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined) return;
    try {
      const { present } = await this.#client.presence(channel);
      if (channel === this.#channel) this.#set(present);
    } catch {
      // The old list stands until the next time.
    }
  }

  /** Takes in a change. */
  note(change: Signal): void {
    if (change.type !== "presence" || change.channel !== this.#channel) return;
    const { publicToken, displayName } = change.from;
    const others = this.present.value?.filter((one) => one.publicToken !== publicToken) ?? [];
    const changed = { publicToken, displayName, state: change.state, lastSeen: change.at };
    this.#set(change.state === "offline" ? others : [...others, changed]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  /** One is here oneself, even before the first poll that names a room has told so. */
  #set(present: readonly Present[]): void {
    const { publicToken, displayName } = this.#self;
    const self = { publicToken, displayName, state: "active", lastSeen: Date.now() } as const;
    const others = present.filter((one) => one.publicToken !== publicToken);
    this.present.value = [...others, self].sort(byName);
  }

  #watch(channel: string | undefined): void {
    this.#channel = channel;
    this.present.value = undefined;
    this.refresh();
  }
}

function byName(one: Present, other: Present): number {
  return one.displayName.localeCompare(other.displayName) ||
    one.publicToken.localeCompare(other.publicToken);
}
