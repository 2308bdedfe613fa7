import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Conditions } from "./bad_network.ts";
import { openPage, type Page } from "./page.ts";

/** A fake browser with several tabs, all of them visible. */
export interface FakeBrowser extends Disposable {
  readonly page: Page;
  /** What happens to messages between tabs. */
  readonly conditions: Conditions;
  /** The names of all channels and all messages between tabs, oldest first. */
  readonly posted: unknown[];
  readonly storage: Map<string, string>;
  /** Cuts one of the tabs off from the others, until disposed; `which` is from 0 up to 1. */
  mute(which: number): Disposable;
}

/** Makes this process look like a browser until disposed. `seed` determines which messages are lost or late. */
export function openFakeBrowser(seed = 1): FakeBrowser {
  const page = openPage();
  const conditions: Conditions = { loss: 0, delay: 0 };
  const posted: unknown[] = [];
  const random = new SeededRandom(seed, "channel");
  const opened: FakeChannel[] = [];
  const muted = new Set<FakeChannel>();

  class FakeChannel extends EventTarget {
    isOpen = true;

    constructor(readonly name: string) {
      super();
      opened.push(this);
      posted.push(name);
    }

    postMessage(message: unknown): void {
      posted.push(message);
      for (const other of opened) {
        if (other === this || other.name !== this.name) continue;
        if (random.next() < conditions.loss) continue;
        const data = structuredClone(message);
        setTimeout(() => this.#deliver(other, data), random.next() * conditions.delay);
      }
    }

    close(): void {
      this.isOpen = false;
    }

    #deliver(other: FakeChannel, data: unknown): void {
      if (!other.isOpen || muted.has(this) || muted.has(other)) return;
      other.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  const storage = new Map<string, string>();
  const replaced = [
    replace(globalThis, "BroadcastChannel", FakeChannel),
    replace(globalThis, "localStorage", new FakeStorage(storage)),
    replace(navigator, "locks", new FakeLocks()),
  ];
  return {
    page,
    conditions,
    posted,
    storage,
    mute(which) {
      const open = opened.filter(({ isOpen }) => isOpen);
      const channel = open[Math.floor(which * open.length)];
      if (channel) muted.add(channel);
      return { [Symbol.dispose]: () => void (channel && muted.delete(channel)) };
    },
    [Symbol.dispose]() {
      for (const one of replaced) one[Symbol.dispose]();
      page[Symbol.dispose]();
    },
  };
}

/** Replaces a property of an object, until disposed. */
export function replace(target: object, name: string, value: unknown): Disposable {
  const original = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true });
  return {
    [Symbol.dispose]() {
      if (original) Object.defineProperty(target, name, original);
      else Reflect.deleteProperty(target, name);
    },
  };
}

class FakeStorage {
  readonly #items: Map<string, string>;

  constructor(items: Map<string, string>) {
    this.#items = items;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}

/** Web Locks. */
class FakeLocks {
  readonly #locks = new Map<string, FakeLock>();

  request(name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> {
    const lock = this.#locks.get(name) ?? new FakeLock();
    this.#locks.set(name, lock);
    return lock.request(options, hold);
  }
}

class FakeLock {
  #steal: ((error: Error) => void) | undefined;
  readonly #queue: (() => void)[] = [];

  request(options: LockOptions, hold: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new DOMException("aborted", "AbortError"));
      const grant = () => {
        if (options.signal?.aborted) return this.#next();
        const steal = this.#steal = fail;
        Promise.resolve().then(hold).then(() => {
          resolve();
          if (this.#steal === steal) this.#next();
        });
      };
      options.signal?.addEventListener("abort", () => queueMicrotask(fail));
      if (options.steal) {
        this.#steal?.(new Error());
        grant();
      } else if (this.#steal) this.#queue.push(grant);
      else grant();
    });
  }

  #next(): void {
    this.#steal = undefined;
    this.#queue.shift()?.();
  }
}
