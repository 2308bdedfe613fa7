import { PAGE_PREFIX } from "./stored_value.ts";

/** The database with the copy of what the person has loaded. */
export const COPY = `${PAGE_PREFIX}.copy`;

export function removeCopy(): void {
  try {
    indexedDB.deleteDatabase(COPY);
  } catch {
    // Storage is forbidden, so there is none.
  }
}
