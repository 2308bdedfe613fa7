import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { openPage, type Page } from "./page.ts";

/** How words between tabs fare. */
export interface Weather {
  /** Which part of them is lost. */
  loss: number;
  /** The longest (ms) that one is on its way: those behind may overtake it. */
  delay: number;
}

/** Stands in for a browser with several tabs, all of them looked at. */
export interface FakeBrowser extends Disposable {
  readonly page: Page;
  readonly weather: Weather;
  /** Every channel's name and every word that was spoken, oldest first. */
  readonly words: unknown[];
  /** What the browser keeps. */
  readonly kept: Map<string, string>;
  /** Nobody hears one of the tabs, nor does it hear anybody, until that is disposed of; `which` is from 0 up to 1. */
  mute(which: number): Disposable;
}

/** Makes this program look like a browser until disposed; `seed` decides what is lost and what is late. */
export function openFakeBrowser(seed = 1): FakeBrowser {
  const page = openPage();
  const weather: Weather = { loss: 0, delay: 0 };
  const words: unknown[] = [];
  const chance = new SeededRandom(seed, "channel");
  const opened: FakeChannel[] = [];
  const muted = new Set<FakeChannel>();

  class FakeChannel extends EventTarget {
    isOpen = true;

    constructor(readonly name: string) {
      super();
      opened.push(this);
      words.push(name);
    }

    postMessage(word: unknown): void {
      words.push(word);
      for (const other of opened) {
        if (other === this || other.name !== this.name || chance.next() < weather.loss) continue;
        const data = structuredClone(word);
        setTimeout(() => this.#reach(other, data), chance.next() * weather.delay);
      }
    }

    close(): void {
      this.isOpen = false;
    }

    #reach(other: FakeChannel, data: unknown): void {
      if (!other.isOpen || muted.has(this) || muted.has(other)) return;
      other.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  const kept = new Map<string, string>();
  const replaced = [
    replace(globalThis, "BroadcastChannel", FakeChannel),
    replace(globalThis, "localStorage", new FakeStorage(kept)),
    replace(navigator, "locks", new FakeLocks()),
  ];
  return {
    page,
    weather,
    words,
    kept,
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

/** Makes a property of an object another one, until disposed. */
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
  readonly #words: Map<string, string>;

  constructor(words: Map<string, string>) {
    this.#words = words;
  }

  getItem(key: string): string | null {
    return this.#words.get(key) ?? null;
  }

  setItem(key: string, word: string): void {
    this.#words.set(key, word);
  }

  removeItem(key: string): void {
    this.#words.delete(key);
  }
}

/** One lock, as Web Locks have it. */
class FakeLocks {
  #steal: ((error: Error) => void) | undefined;
  readonly #line: (() => void)[] = [];

  request(_name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new DOMException("PendingAck up", "AbortError"));
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
      } else if (this.#steal) this.#line.push(grant);
      else grant();
    });
  }

  #next(): void {
    this.#steal = undefined;
    this.#line.shift()?.();
  }
}
