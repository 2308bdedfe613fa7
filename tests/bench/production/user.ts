import { delay } from "../../../server/base/delay.ts";
import type { PollReply, SignedIn } from "../../../server/protocol/replies.ts";

/** The server that users connect to. */
export interface Server {
  readonly url: string;
  readonly client: Deno.HttpClient;
  /** Called for each failed request. */
  readonly onError: (description: string) => void;
}

/** A user with an open page: polls continuously, and sends messages when told to. */
export class User implements Disposable {
  readonly #server: Server;
  readonly #rooms: readonly string[];
  readonly #end = new AbortController();
  readonly #session: SignedIn;
  received = 0;

  static async signIn(server: Server, name: string, rooms: readonly string[]): Promise<User> {
    const response = await post(server, "sessions", { displayName: name });
    if (response.status !== 201) throw new Error(`Cannot sign in: ${await response.text()}`);
    return new User(server, await response.json(), rooms);
  }

  private constructor(server: Server, session: SignedIn, rooms: readonly string[]) {
    this.#server = server;
    this.#session = session;
    this.#rooms = rooms;
    this.#poll();
  }

  get publicToken(): string {
    return this.#session.publicToken;
  }

  /** Sends a message to the first of its rooms. */
  sayInRoom(): Promise<void> {
    return this.say(this.#rooms[0] ?? "");
  }

  async say(channel: string): Promise<void> {
    const text = "x".repeat(20 + Math.floor(Math.random() * 200));
    const key = crypto.randomUUID();
    await this.#request("messages", { channel, text, key });
  }

  /** Signs out, and stops polling. */
  async signOut(): Promise<void> {
    this[Symbol.dispose]();
    const response = await fetch(`${this.#server.url}/api/session`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${this.#session.privateToken}` },
      client: this.#server.client,
    }).catch(() => undefined);
    await response?.body?.cancel();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #poll(): Promise<void> {
    let cursor: string | undefined;
    while (!this.#end.signal.aborted) {
      const reply = await this.#request("poll", {
        channels: this.#rooms,
        ...(cursor && { cursor }),
      });
      if (reply === undefined) {
        await delay(1_000);
        continue;
      }
      this.received += reply.messages.length;
      cursor = reply.cursor;
    }
  }

  async #request(path: "poll" | "messages", body: unknown): Promise<PollReply | undefined> {
    try {
      const token = this.#session.privateToken;
      const response = await post(this.#server, path, body, token, this.#end.signal);
      if (response.ok) return await response.json();
      this.#server.onError(`${path}: ${response.status}`);
      await response.body?.cancel();
    } catch (error) {
      if (!this.#end.signal.aborted) this.#server.onError(`${path}: ${error}`);
    }
  }
}

function post(
  { url, client }: Server,
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
