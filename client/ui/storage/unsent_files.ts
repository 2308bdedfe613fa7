import { localValue, PAGE_PREFIX } from "./stored_value.ts";

/** The name of the database with the messages whose files were not sent, and of the mark that there are some. */
export const UNSENT_FILES = `${PAGE_PREFIX}.files`;

const mark = localValue(UNSENT_FILES, (value): value is true => value === true);

/** Whether the page has to load what sends files. */
export function hasUnsentFiles(): boolean {
  return mark.read() === true;
}

/** Calls `onChange` when another tab begins or ends to have some. Returns a function that ends this. */
export function watchUnsent(onChange: () => void): () => void {
  return mark.watch(onChange);
}

export function markUnsent(hasSome: boolean): void {
  mark.write(hasSome || undefined);
}
