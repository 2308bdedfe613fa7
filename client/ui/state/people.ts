import { effect, signal, untracked } from "@preact/signals";
import type { Present, Signal } from "../../comet/halley.ts";
import type { Chat } from "./chat.ts";
import { compareNames } from "./name_search.ts";

/** Signals can be lost, so the list is requested again at this interval in ms. */
const REFRESH_INTERVAL = 30_000;

/** The readers of the selected conversation: a list from the server, updated by presence signals. */
export class People implements Disposable {
  /** Sorted by name; undefined until the server has answered. */
  readonly present = signal<readonly Present[]>();
  /** Whether the server has answered the last poll: otherwise it is unknown who is present. */
  readonly isUpToDate = signal(false);
  readonly #chat: Chat;
  readonly #timer = setInterval(() => this.#refresh(), REFRESH_INTERVAL);
  readonly #stop: () => void;
  readonly #stopNaming: () => void;
  readonly #subscriptions: readonly Disposable[];
  #channel: string | undefined;

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#stop = effect(() => {
      const selected = chat.conversations.selected.value;
      // A refused room has no readers that this person may know of.
      const hasPeople = selected?.kind !== "notices" && !selected?.refused.value;
      this.#setChannel(hasPeople ? selected?.channel : undefined);
    });
    this.#stopNaming = effect(() => {
      // The server does not tell people about themselves.
      chat.self.displayName;
      untracked(() => this.#setPresent(this.present.peek()));
    });
    this.#subscriptions = [
      chat.client.on("signal", (event) => this.#applySignal(event)),
      chat.client.on("state", ({ name }) => {
        if (name !== "connecting") this.isUpToDate.value = name === "connected";
        if (name === "connected") this.#refresh();
      }),
    ];
  }

  find(publicToken: string | undefined): Present | undefined {
    return this.present.value?.find((one) => one.publicToken === publicToken);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stop();
    this.#stopNaming();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #setChannel(channel: string | undefined): void {
    if (channel === this.#channel) return;
    this.#channel = channel;
    this.present.value = undefined;
    this.#refresh();
  }

  /** Requests the whole list. If that fails, the old list stays. */
  async #refresh(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined) return;
    const reply = await this.#chat.client.presence(channel).catch(() => undefined);
    if (reply && channel === this.#channel) this.#setPresent(reply.present);
  }

  #applySignal(change: Signal): void {
    if (change.type !== "presence") return;
    const { publicToken, displayName } = change.from;
    const known = this.present.peek() ?? [];
    if (change.channel !== this.#channel) {
      // The presence of a direct channel follows from that in the rooms: there may be no signal for it.
      const isHere = publicToken !== this.#chat.self.publicToken &&
        known.some((one) => one.publicToken === publicToken);
      if (isHere && this.#channel?.startsWith("direct:")) this.#refresh();
      return;
    }
    const others = known.filter((one) => one.publicToken !== publicToken);
    const changed = { publicToken, displayName, state: change.state, lastSeen: change.at };
    this.#setPresent(change.state === "offline" ? others : [...others, changed]);
  }

  /** Adds this person, whom the server lists only after the first poll that names the room. */
  #setPresent(present: readonly Present[] | undefined): void {
    if (!present) return;
    const { self, names } = this.#chat;
    const others = present.filter((one) => one.publicToken !== self.publicToken);
    for (const one of others) names.add(one);
    this.present.value = [...others, { ...self, state: "active" as const, lastSeen: Date.now() }]
      .sort(byName);
  }
}

function byName(one: Present, other: Present): number {
  return compareNames(one.displayName, other.displayName) ||
    one.publicToken.localeCompare(other.publicToken);
}
