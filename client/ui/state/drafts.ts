import type { Kept } from "../storage/storage.ts";

/** What was written and not sent, by channel; kept with each change. */
export class Drafts {
  readonly #kept: Kept<Readonly<Record<string, string>>>;

  constructor(kept: Kept<Readonly<Record<string, string>>>) {
    this.#kept = kept;
  }

  of(channel: string): string {
    return this.#kept.read()?.[channel] ?? "";
  }

  set(channel: string, text: string): void {
    // Another tab may have changed those of other channels.
    const { [channel]: old = "", ...others } = this.#kept.read() ?? {};
    if (text !== old) this.#kept.write(text === "" ? others : { ...others, [channel]: text });
  }
}
