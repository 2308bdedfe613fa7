import type { Retention } from "../../server/core/model/store.ts";

/** Nothing is removed. */
export const KEEP_ALL: Retention = {
  maxMessages: 1e9,
  maxPrivate: 1e9,
  maxBytes: 1e15,
  maxAgeMs: 1e12,
  keyAgeMs: 1e12,
};
