import type { Publication } from "../protocol/requests.ts";
import { type Refusal } from "../protocol/refusal.ts";
import { Refused } from "../core/model/refused.ts";
import { steadyNow } from "../base/clock.ts";
import type { Appended, KeyValue } from "../core/model/store.ts";
import type { NoticeRow, NoticeSource } from "./sources/notice_source.ts";
import { NoticePlace } from "./checkpoint.ts";
import { publicationOf } from "./publication.ts";

/** What a reader works with. */
export interface NoticeReaderDeps {
  readonly source: NoticeSource;
  readonly keyValue: KeyValue;
  /** Under which name the place is written down. */
  readonly name: string;
  readonly publish: (publications: readonly Publication[]) => Promise<readonly Appended[]>;
  /** Told of each row that cannot become a notice. */
  readonly onWrongRow: (key: string, reason: string) => void;
  readonly onPublished: (count: number) => void;
}

/** How a reader reads. */
export interface NoticeReaderOptions {
  /** Whether to begin with the rows that come after the first start, or with those that are there. */
  readonly from: "now" | "start";
  /** For how long (ms) rows with lower keys are still looked for. */
  readonly window: number;
}

/** So many rows are read, and published, at once. */
const PAGE = 200;

/** So many rows that were there before the first start are known, for others may be committed between them. */
const KNOWN_AT_FIRST = 1_000;

/** Not the row is wrong: another try may succeed. */
const PASSING: readonly Refusal[] = ["store_unavailable", "closing"];

/** Makes the rows of a source notices, each once. */
export class NoticeReader {
  readonly #deps: NoticeReaderDeps;
  readonly #options: NoticeReaderOptions;
  #place: NoticePlace | undefined;

  constructor(deps: NoticeReaderDeps, options: NoticeReaderOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Whether this source was read before. */
  async isKnown(): Promise<boolean> {
    const { keyValue, name } = this.#deps;
    return Boolean(await keyValue.get(name));
  }

  /** Checks the source, and finds the place where it was left. Throws `SourceError`. */
  async open(): Promise<void> {
    const { source, keyValue, name } = this.#deps;
    await source.check();
    if (this.#place !== undefined) return;
    const written = await keyValue.get(name);
    const place = written ? NoticePlace.parse(written) : await this.#begin();
    if (place.after !== undefined) await source.resume(place.after);
    this.#place = place;
    if (!written) await this.#write(place);
  }

  /** Publishes all rows that are new. Throws `SourceError`, and refuses with `store_unavailable`. */
  async read(signal: AbortSignal): Promise<void> {
    const place = this.#opened();
    const written = place.format();
    let found: string[] = [];
    for await (const rows of this.#pages(place.after, signal)) {
      await this.#take(place, rows);
      found = [...found, ...rows.map(({ key }) => key)].slice(-NoticePlace.bound);
    }
    if (signal.aborted) return;
    place.settle(found, steadyNow() - this.#options.window);
    if (place.format() !== written) await this.#write(place);
  }

  /** Publishes the rows after the last one; says whether there were any. Else as {@linkcode read}. */
  async readOn(signal: AbortSignal): Promise<boolean> {
    const place = this.#opened();
    let hasFound = false;
    for await (const rows of this.#pages(place.last, signal)) {
      hasFound = await this.#take(place, rows) || hasFound;
    }
    return hasFound;
  }

  async *#pages(
    start: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly NoticeRow[]> {
    let after = start;
    // Until there is nothing more: a query may have a limit of its own, lower than ours.
    while (!signal.aborted) {
      const rows = await this.#deps.source.read(after, PAGE);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.key;
      yield rows;
    }
  }

  async #take(place: NoticePlace, rows: readonly NoticeRow[]): Promise<boolean> {
    const fresh = rows.filter(({ key }) => !place.has(key));
    if (fresh.length === 0) return false;
    await this.#publish(place.life, fresh);
    place.add(fresh.map(({ key }) => key), steadyNow());
    await this.#write(place);
    return true;
  }

  async #publish(life: string, rows: readonly NoticeRow[]): Promise<void> {
    const { publish, onPublished, onWrongRow } = this.#deps;
    try {
      const appended = await publish(rows.map((row) => publicationOf(row, life)));
      onPublished(appended.filter(({ repeated }) => !repeated).length);
    } catch (error) {
      if (!(error instanceof Refused) || PASSING.includes(error.refusal)) throw error;
      const [first] = rows;
      if (rows.length === 1 && first !== undefined) {
        // A row that has changed since it became a notice stays that notice.
        if (error.refusal !== "key_reused") onWrongRow(first.key, error.message);
        return;
      }
      // All or none, and in order: the wrong ones are found by halves.
      const half = Math.ceil(rows.length / 2);
      await this.#publish(life, rows.slice(0, half));
      await this.#publish(life, rows.slice(half));
    }
  }

  async #begin(): Promise<NoticePlace> {
    if (this.#options.from === "start") return NoticePlace.begin([], undefined, 0);
    const keys = await this.#deps.source.lastKeys(KNOWN_AT_FIRST);
    const isAll = keys.length < KNOWN_AT_FIRST;
    const seen = keys.slice(0, KNOWN_AT_FIRST - 1).toReversed();
    return NoticePlace.begin(seen, isAll ? undefined : keys.at(-1), steadyNow());
  }

  #opened(): NoticePlace {
    if (this.#place === undefined) throw new Error("A source was read before it was opened");
    return this.#place;
  }

  async #write(place: NoticePlace): Promise<void> {
    const { keyValue, name } = this.#deps;
    await keyValue.set(name, place.format());
  }
}
