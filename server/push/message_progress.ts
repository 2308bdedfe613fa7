import type { PushDevice } from "../core/sessions/push_devices.ts";

/** After all public tokens. */
export const END = "~";

/**
 * What of one message is not done. People are looked at in the order of their public tokens: those after the cursor have not
 * been yet, and of the others, only those in `people` are not done.
 */
export class MessageProgress {
  #cursor: string;
  /** By public tokens: the names of the devices that wait; `undefined`: all devices. */
  readonly #people: Map<string, Set<string> | undefined>;
  #hasReached: boolean;

  /** That of a message for which nothing was done, or of what is stored of one. */
  constructor({ cursor, people }: {
    readonly cursor: string;
    readonly people: Iterable<readonly [string, ReadonlySet<string> | undefined]>;
  } = { cursor: "", people: [] }) {
    this.#cursor = cursor;
    this.#people = new Map();
    for (const [publicToken, names] of people) {
      this.#people.set(publicToken, names && new Set(names));
    }
    this.#hasReached = cursor !== "" || this.#people.size > 0;
  }

  get cursor(): string {
    return this.#cursor;
  }

  get people(): ReadonlyMap<string, ReadonlySet<string> | undefined> {
    return this.#people;
  }

  /** Whether any device is done: otherwise, it can as well be begun again. */
  get hasReached(): boolean {
    return this.#hasReached;
  }

  /** Somebody is looked at, who follows the one before. */
  begin(publicToken: string): void {
    if (this.#people.has(publicToken)) return;
    this.#people.set(publicToken, undefined);
    this.#cursor = publicToken;
  }

  /** All people were looked at. */
  endPeople(): void {
    this.#cursor = END;
  }

  /** Returns those of somebody's devices that wait, which are all unless an earlier job has pushed to some. */
  beginDevices(publicToken: string, devices: readonly PushDevice[]): readonly PushDevice[] {
    const before = this.#people.get(publicToken);
    const waiting = devices.filter((device) => before?.has(nameOf(device)) ?? true);
    this.#people.set(publicToken, new Set(waiting.map(nameOf)));
    return waiting;
  }

  endDevice(publicToken: string, device: PushDevice): void {
    this.#people.get(publicToken)?.delete(nameOf(device));
    this.#hasReached = true;
  }

  end(publicToken: string): void {
    this.#people.delete(publicToken);
  }
}

/** Differs between the devices of a person: from the public key, which is random. It begins with the same byte for all. */
function nameOf({ keys: { p256dh } }: PushDevice): string {
  return p256dh.slice(2, 8);
}
