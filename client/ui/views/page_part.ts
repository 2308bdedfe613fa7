import { signal } from "@preact/signals";

/** Loads the part of the page with a name. The page sets it. */
export const partLoader: { load?: <T>(name: string) => Promise<T> } = {};

/** A part of the page that is loaded when somebody wants it. */
export class PagePart<T> {
  readonly #name: string;
  readonly #loaded = signal<T>();
  #loading: Promise<T> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Undefined until it is loaded. */
  get value(): T | undefined {
    return this.#loaded.value;
  }

  /** Returns undefined if the network is down, or the server has a new version of the page. */
  async load(): Promise<T | undefined> {
    try {
      // Once, also if it is wanted again meanwhile: a part has a state.
      return this.#loaded.value = await (this.#loading ??= partLoader.load<T>?.(this.#name));
    } catch {
      return this.#loading = undefined;
    }
  }
}
