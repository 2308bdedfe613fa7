import type { CometClient } from "../../comet/halley.ts";

/** Of one conversation, it is told this often at most. */
const TELL_INTERVAL = 1_000;

/** Tells the server which conversations are open and what was read in each, once a second each at most. */
export class ReadMarkerSender implements Disposable {
  readonly #client: CometClient;
  readonly #onTold: (channel: string) => void;
  readonly #open = new Set<string>();
  /** What is to be told next, and what is to be told when the server is there again. */
  readonly #wanted = new Map<string, number | undefined>();
  readonly #failed = new Map<string, number | undefined>();
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(client: CometClient, onTold: (channel: string) => void) {
    this.#client = client;
    this.#onTold = onTold;
  }

  /** Tells that a conversation is open, and was read up to the message of that id. */
  tell(channel: string, upTo?: number): void {
    this.#open.add(channel);
    this.#wanted.set(channel, max(this.#wanted.get(channel), upTo));
    if (!this.#resting.has(channel)) this.#start(channel);
  }

  /** Whether something of it is on its way to the server. */
  isTelling(channel: string): boolean {
    return this.#underWay.has(channel);
  }

  /** Tells nothing more of it; resolves when what was on its way has arrived or failed. */
  async forget(channel: string): Promise<void> {
    this.#open.delete(channel);
    this.#wanted.delete(channel);
    this.#failed.delete(channel);
    await this.#underWay.get(channel);
  }

  /** Tells what could not be told while the server was away. */
  retry(): void {
    const failed = [...this.#failed];
    this.#failed.clear();
    for (const [channel, upTo] of failed) this.tell(channel, upTo);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#wanted.clear();
    this.#failed.clear();
  }

  async #start(channel: string): Promise<void> {
    const upTo = this.#wanted.get(channel);
    this.#wanted.delete(channel);
    this.#resting.set(channel, setTimeout(() => this.#rested(channel), TELL_INTERVAL));
    const sending = this.#send(channel, upTo);
    this.#underWay.set(channel, sending);
    await sending;
    if (this.#underWay.get(channel) === sending) this.#underWay.delete(channel);
  }

  async #send(channel: string, upTo: number | undefined): Promise<void> {
    try {
      await this.#client.openConversation(channel, upTo);
      this.#onTold(channel);
    } catch {
      // To be told when the server is there again; what was read is known here until then.
      if (!this.#open.has(channel)) return;
      this.#failed.set(channel, max(this.#failed.get(channel), upTo));
    }
  }

  #rested(channel: string): void {
    this.#resting.delete(channel);
    if (this.#wanted.has(channel)) this.#start(channel);
  }
}

function max(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one ?? other : Math.max(one, other);
}
