import type { OutboxEntry, OutboxStore } from "../../ui/storage/outbox_store.ts";

/** A store that is still being loaded: what is asked of it waits. */
export class LoadingOutbox implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #store: Promise<OutboxStore>;

  constructor(store: Promise<OutboxStore>) {
    this.#store = store;
    store.then((store) => store.onChange = () => this.onChange?.());
  }

  async list(): Promise<readonly OutboxEntry[]> {
    return (await this.#store).list();
  }

  async put(entry: OutboxEntry): Promise<void> {
    await (await this.#store).put(entry);
  }

  async remove(key: string): Promise<void> {
    await (await this.#store).remove(key);
  }

  async clear(): Promise<void> {
    await (await this.#store).clear();
  }

  async exclusively(name: string, work: () => Promise<void>): Promise<void> {
    await (await this.#store).exclusively(name, work);
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
    this.#store.then((store) => store[Symbol.dispose]());
  }
}
