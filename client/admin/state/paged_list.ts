import { signal } from "@preact/signals";

/** A page of a list, and what the next one begins after. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/** A list that the server returns in pages: shows the first ones, and asks for them again. */
export class PagedList<T> {
  readonly items = signal<readonly T[]>([]);
  readonly hasMore = signal(false);
  readonly #load: (after: string) => Promise<Page<T>>;
  #pages = 1;

  constructor(load: (after: string) => Promise<Page<T>>) {
    this.#load = load;
  }

  /** Loads the shown pages again. */
  async refresh(): Promise<void> {
    const found: T[] = [];
    let next: string | undefined = "";
    for (let page = 0; page < this.#pages && next !== undefined; page++) {
      const loaded: Page<T> = await this.#load(next);
      found.push(...loaded.items);
      next = loaded.next;
    }
    this.items.value = found;
    this.hasMore.value = next !== undefined;
  }

  async showMore(): Promise<void> {
    this.#pages++;
    await this.refresh();
  }
}
