import type { Retention } from "../../server/core/model/store.ts";

/** Nothing is removed. */
export const KEEP_ALL: Retention = { messages: 1e9, age: 1e12, keyAge: 1e12 };
