import type { PollReply, SignedIn } from "../../../server/protocol/replies.ts";

/** Where a crowd goes, and by which connections. */
export interface Venue {
  readonly url: string;
  readonly client: Deno.HttpClient;
  /** Told of each thing that went wrong. */
  readonly onTrouble: (what: string) => void;
}

/** Somebody who has a page open: polls all the time, and says something now and then. */
export class Visitor implements Disposable {
  readonly #venue: Venue;
  readonly #rooms: readonly string[];
  readonly #leaving = new AbortController();
  readonly #session: SignedIn;
  received = 0;

  static async come(venue: Venue, name: string, rooms: readonly string[]): Promise<Visitor> {
    const response = await post(venue, "sessions", { displayName: name });
    if (response.status !== 201) throw new Error(`Cannot sign in: ${await response.text()}`);
    return new Visitor(venue, await response.json(), rooms);
  }

  private constructor(venue: Venue, session: SignedIn, rooms: readonly string[]) {
    this.#venue = venue;
    this.#session = session;
    this.#rooms = rooms;
    this.#poll();
  }

  get publicToken(): string {
    return this.#session.publicToken;
  }

  /** Says something in the first of its rooms. */
  sayInRoom(): Promise<void> {
    return this.say(this.#rooms[0] ?? "");
  }

  async say(channel: string): Promise<void> {
    const text = "x".repeat(20 + Math.floor(Math.random() * 200));
    const key = crypto.randomUUID();
    await this.#ask("messages", { channel, text, key });
  }

  /** Signs out, and is gone. */
  async leave(): Promise<void> {
    this[Symbol.dispose]();
    const response = await fetch(`${this.#venue.url}/api/session`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${this.#session.privateToken}` },
      client: this.#venue.client,
    }).catch(() => undefined);
    await response?.body?.cancel();
  }

  [Symbol.dispose](): void {
    this.#leaving.abort();
  }

  async #poll(): Promise<void> {
    let cursor: string | undefined;
    while (!this.#leaving.signal.aborted) {
      const reply = await this.#ask("poll", { channels: this.#rooms, ...(cursor && { cursor }) });
      if (reply === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        continue;
      }
      this.received += reply.messages.length;
      cursor = reply.cursor;
    }
  }

  async #ask(path: "poll" | "messages", body: unknown): Promise<PollReply | undefined> {
    try {
      const token = this.#session.privateToken;
      const response = await post(this.#venue, path, body, token, this.#leaving.signal);
      if (response.ok) return await response.json();
      this.#venue.onTrouble(`${path}: ${response.status}`);
      await response.body?.cancel();
    } catch (error) {
      if (!this.#leaving.signal.aborted) this.#venue.onTrouble(`${path}: ${error}`);
    }
  }
}

function post(
  { url, client }: Venue,
  path: string,
  body: unknown,
  ...[token, signal]: [token?: string, signal?: AbortSignal]
): Promise<Response> {
  return fetch(`${url}/api/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    client,
    ...(signal && { signal }),
  });
}
