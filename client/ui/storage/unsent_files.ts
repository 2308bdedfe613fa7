import { localValue, PAGE_PREFIX } from "./stored_value.ts";

/** The name of the database with the messages whose files were not sent, and of the mark that there are some. */
export const UNSENT_FILES = `${PAGE_PREFIX}.files`;

const mark = localValue(UNSENT_FILES, (value): value is true => value === true);

/** Whether the page has to load what sends files. */
export function hasUnsentFiles(): boolean {
  return mark.read() === true;
}

export function markUnsent(hasSome: boolean): void {
  mark.write(hasSome || undefined);
}
