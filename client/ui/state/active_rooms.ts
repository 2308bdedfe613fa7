import { signal } from "@preact/signals";
import type { ActiveRoom, CometClient } from "../../comet/halley.ts";

/** The rooms in which somebody is, most people first; as far as the server tells. */
export class ActiveRooms {
  readonly list = signal<readonly ActiveRoom[]>([]);
  readonly #client: CometClient;

  constructor(client: CometClient) {
    this.#client = client;
  }

  async refresh(): Promise<void> {
    try {
      this.list.value = (await this.#client.rooms()).rooms;
    } catch {
      // One can join by name all the same.
    }
  }
}
