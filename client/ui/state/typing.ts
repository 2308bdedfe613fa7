import { signal } from "@preact/signals";
import type { CometClient, Message, Person, Signal } from "../../comet/halley.ts";

/** Minimum time in ms between two signals to the same channel. */
const SEND_INTERVAL = 3_000;
/** Time in ms after which a typist without a new signal is removed. */
const EXPIRES_AFTER = 5_000;

interface Typist {
  readonly channel: string;
  readonly person: Person;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Shows who is typing in which channel, and tells other people when this person types. */
export class Typing implements Disposable {
  readonly #client: CometClient;
  readonly #self: Person;
  readonly #typists = signal<readonly Typist[]>([]);
  /** When the last signal was sent, by channel. */
  readonly #sentAt = new Map<string, number>();

  constructor(client: CometClient, self: Person) {
    this.#client = client;
    this.#self = self;
  }

  /** The other people who are typing in a channel. */
  in(channel: string): readonly Person[] {
    return this.#typists.value.filter((one) => one.channel === channel).map((one) => one.person);
  }

  /** Call it on every change of the composer. */
  send(channel: string): void {
    const now = Date.now();
    if (now - (this.#sentAt.get(channel) ?? 0) < SEND_INTERVAL) return;
    this.#sentAt.set(channel, now);
    this.#client.typing(channel);
  }

  applySignal({ type, channel, from }: Signal): void {
    if (type !== "typing" || from.publicToken === this.#self.publicToken) return;
    this.#remove(channel, from);
    const timer = setTimeout(() => this.#remove(channel, from), EXPIRES_AFTER);
    this.#typists.value = [...this.#typists.value, { channel, person: from, timer }];
  }

  /** The sender of a message has stopped typing. */
  applyMessage({ channel, from }: Message): void {
    if (from) this.#remove(channel, from);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#typists.value) clearTimeout(timer);
  }

  #remove(channel: string, { publicToken }: Person): void {
    const typist = this.#typists.value.find((one) =>
      one.channel === channel && one.person.publicToken === publicToken
    );
    if (!typist) return;
    clearTimeout(typist.timer);
    this.#typists.value = this.#typists.value.filter((one) => one !== typist);
  }
}
