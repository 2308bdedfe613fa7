import type { Guard } from "../../../server/protocol/guards.ts";

/** A value that outlives the page. Where the browser allows no storage, it is lost when the page is closed. */
export interface StoredValue<T> {
  read(): T | undefined;
  /** `undefined` removes it. */
  write(value: T | undefined): void;
  /** Calls `onChange` when another tab has written it. Returns a function that ends this. */
  watch(onChange: () => void): () => void;
}

const folder = globalThis.location?.pathname.replace(/[^/]*$/, "") ?? "/";

/**
 * What the names begin with under which a page of Halley stores and locks. Another server can have another path of the
 * same origin.
 */
export const PAGE_PREFIX = folder === "/" ? "halley" : `halley:${folder}`;

/** A value in `localStorage`. Returns undefined for what `isValid` rejects: other versions and scripts write there too. */
export function localValue<T>(key: string, isValid: Guard<T>): StoredValue<T> {
  return {
    read() {
      try {
        const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
        return isValid(value) ? value : undefined;
      } catch {
        return undefined; // Storage is forbidden, or the value is not JSON.
      }
    },
    write(value) {
      try {
        if (value === undefined) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Storage is forbidden or full.
      }
    },
    watch(onChange) {
      // Browsers send this event to the other tabs only.
      const listener = (event: StorageEvent) => event.key === key && onChange();
      addEventListener("storage", listener);
      return () => removeEventListener("storage", listener);
    },
  };
}

/** A value that is lost when the page is closed. */
export function memoryValue<T>(value?: T): StoredValue<T> {
  return { read: () => value, write: (next) => void (value = next), watch: () => () => {} };
}
