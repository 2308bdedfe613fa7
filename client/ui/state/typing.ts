import { signal } from "@preact/signals";
import type { CometClient, Message, Person, Signal } from "../../comet/halley.ts";

/** Others are told this often at most. */
const TELL_INTERVAL = 3_000;
/** Who is not heard of again has stopped. */
const LASTS = 5_000;

interface Typist {
  readonly channel: string;
  readonly person: Person;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Who types where; and tells others that oneself does. */
export class Typing implements Disposable {
  readonly #client: CometClient;
  readonly #self: Person;
  readonly #typists = signal<readonly Typist[]>([]);
  readonly #toldAt = new Map<string, number>();

  constructor(client: CometClient, self: Person) {
    this.#client = client;
    this.#self = self;
  }

  /** Who types in that channel now. */
  in(channel: string): readonly Person[] {
    return this.#typists.value.filter((one) => one.channel === channel).map((one) => one.person);
  }

  /** Tells the others in that channel. */
  tell(channel: string): void {
    const now = Date.now();
    if (now - (this.#toldAt.get(channel) ?? 0) < TELL_INTERVAL) return;
    this.#toldAt.set(channel, now);
    this.#client.typing(channel);
  }

  note({ type, channel, from }: Signal): void {
    if (type !== "typing" || from.publicToken === this.#self.publicToken) return;
    this.#end(channel, from);
    const timer = setTimeout(() => this.#end(channel, from), LASTS);
    this.#typists.value = [...this.#typists.value, { channel, person: from, timer }];
  }

  /** Who has sent types no more. */
  noteMessage({ channel, from }: Message): void {
    if (from) this.#end(channel, from);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#typists.value) clearTimeout(timer);
  }

  #end(channel: string, { publicToken }: Person): void {
    const isIt = (one: Typist) => one.channel === channel && one.person.publicToken === publicToken;
    const ended = this.#typists.value.find(isIt);
    if (!ended) return;
    clearTimeout(ended.timer);
    this.#typists.value = this.#typists.value.filter((one) => one !== ended);
  }
}
