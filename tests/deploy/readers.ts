import { assertEquals } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import type { RemoteChat, RemoteUser } from "../support/remote_chat.ts";
import type { PollReply } from "../../server/protocol/replies.ts";

/** Users who poll the room tea without a break and record what they receive. */
export class Readers {
  /** The different statuses of their polls. */
  readonly statuses: number[] = [];
  readonly #texts: string[][] = [];
  #isOver = false;

  static async start(chat: RemoteChat, names: readonly string[]): Promise<Readers> {
    const readers = new Readers();
    for (const name of names) {
      const user = await chat.signIn(name);
      const { cursor } = await user.poll();
      const texts: string[] = [];
      readers.#texts.push(texts);
      // A poll fails when the proxy is stopped at the end of the test.
      readers.#read(user, cursor, texts).catch(() => {});
    }
    return readers;
  }

  /** Waits until each reader has received `count` messages, and asserts that they came once and in order. */
  async expectAll(count: number): Promise<void> {
    await waitUntil(
      () => this.#isRefused || this.#texts.every(({ length }) => length >= count),
      "all readers have received all messages",
    );
    assertEquals(this.statuses, [200]);
    const wanted = Array.from({ length: count }, (_, n) => String(n));
    for (const texts of this.#texts) assertEquals(texts, wanted);
  }

  end(): void {
    this.#isOver = true;
  }

  get #isRefused(): boolean {
    return this.statuses.some((status) => status !== 200);
  }

  async #read(user: RemoteUser, start: string, texts: string[]): Promise<void> {
    let cursor = start;
    while (!this.#isOver) {
      const poll = { cursor, channels: ["room:tea"], hold: 55_000 };
      const response = await user.request("POST", "/api/poll", poll);
      if (!this.statuses.includes(response.status)) this.statuses.push(response.status);
      if (this.#isRefused) return;
      const reply: PollReply = await response.json();
      texts.push(...reply.messages.map(({ text }) => text ?? ""));
      cursor = reply.cursor;
    }
  }
}
