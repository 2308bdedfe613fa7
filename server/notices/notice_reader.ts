import { wallNow } from "../base/clock.ts";
import type { Publishing } from "../core/conversations/publishing.ts";
import { InexactNumberError, parseExactJson } from "../core/model/exact_json.ts";
import { Refused } from "../core/model/refused.ts";
import type { KeyValue } from "../core/model/store.ts";
import type { Json } from "../protocol/message.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { Publication } from "../protocol/requests.ts";
import { Checkpoint } from "./checkpoint.ts";
import type { NoticeReport } from "./notice_report.ts";
import type { NoticeRow, NoticeSource } from "./sources/notice_source.ts";

/** What a reader works with. */
export interface NoticeReaderDeps {
  readonly source: NoticeSource;
  readonly keyValue: KeyValue;
  /** The name of the checkpoint in the key-value store. */
  readonly checkpointName: string;
  readonly publishing: Pick<Publishing, "publish">;
  readonly report: Pick<NoticeReport, "onPublished" | "onInvalidRow">;
}

/** How a source is read. */
export interface NoticeReaderOptions {
  /** Whether a source that was never read starts with new rows, or with the existing ones. */
  readonly from: "now" | "start";
  /** How long to look for rows with lower keys than the last one. */
  readonly windowMs: number;
}

/** Maximum number of rows that are read and published at a time. */
const PAGE = 200;

/** With `from: "now"`: number of existing keys to remember, since rows between them may be committed later. */
const INITIAL_KEYS = 1_000;

/** Maximum length of a row's key, in characters. */
const KEY_LENGTH = 256;

/** Maximum length of a row's data as JSON, in characters. */
const DATA_LENGTH = 2 ** 16;

/** Refusals that have nothing to do with the row: a later attempt can succeed. */
const TEMPORARY: readonly Refusal[] = ["store_unavailable", "closing"];

/**
 * Publishes the rows of a source as notices, each row once, even if the process is killed between publishing and writing
 * the checkpoint: a row's idempotency key is always the same. `NoticeJob` decides when to read.
 */
export class NoticeReader {
  readonly #deps: NoticeReaderDeps;
  readonly #options: NoticeReaderOptions;
  #checkpoint: Checkpoint | undefined;

  constructor(deps: NoticeReaderDeps, options: NoticeReaderOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Whether this source was read before, by any process. */
  async hasCheckpoint(): Promise<boolean> {
    return Boolean(await this.#load());
  }

  /** Checks the source and loads the checkpoint, or creates it. Call it again after an error. Throws `SourceError`. */
  async open(): Promise<void> {
    const { source } = this.#deps;
    await source.check();
    if (this.#checkpoint !== undefined) return;
    const stored = await this.#load();
    const checkpoint = stored ? Checkpoint.parse(stored) : await this.#createCheckpoint();
    if (checkpoint.after !== undefined) await source.checkKey(checkpoint.after);
    this.#checkpoint = checkpoint;
    if (!stored) await this.#save(checkpoint);
  }

  /** Publishes all new rows, including those that were committed late. Throws `SourceError`, and `Refused` of the store. */
  async readAll(signal: AbortSignal): Promise<void> {
    const checkpoint = this.#opened();
    const before = checkpoint.format();
    let found: string[] = [];
    for await (const rows of this.#pages(checkpoint.after, signal)) {
      await this.#publishNew(checkpoint, rows);
      found = [...found, ...rows.map(({ key }) => key)].slice(-Checkpoint.maxKeys);
    }
    if (signal.aborted) return;
    checkpoint.advance(found, wallNow() - this.#options.windowMs);
    if (checkpoint.format() !== before) await this.#save(checkpoint);
  }

  /** Publishes the rows after the last known key; returns whether there were any. Throws as {@linkcode readAll} does. */
  async readAfterLast(signal: AbortSignal): Promise<boolean> {
    const checkpoint = this.#opened();
    let hasFound = false;
    for await (const rows of this.#pages(checkpoint.last, signal)) {
      hasFound = await this.#publishNew(checkpoint, rows) || hasFound;
    }
    return hasFound;
  }

  async *#pages(
    start: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly NoticeRow[]> {
    let after = start;
    // Until a page is empty, not just short: the query may have a lower limit of its own.
    while (!signal.aborted) {
      const rows = await this.#deps.source.read(after, PAGE);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.key;
      yield rows;
    }
  }

  async #publishNew(checkpoint: Checkpoint, rows: readonly NoticeRow[]): Promise<boolean> {
    const newRows = rows.filter(({ key }) => !checkpoint.has(key));
    if (newRows.length === 0) return false;
    await this.#publish(newRows, checkpoint.generation);
    checkpoint.add(newRows.map(({ key }) => key), wallNow());
    await this.#save(checkpoint);
    return true;
  }

  async #publish(rows: readonly NoticeRow[], generation: string): Promise<void> {
    const { publishing, report } = this.#deps;
    try {
      const publications = rows.map((row) => publicationOf(row, generation));
      const appended = await publishing.publish("db", publications);
      report.onPublished(appended.filter(({ repeated }) => !repeated).length);
    } catch (error) {
      if (!(error instanceof Refused) || TEMPORARY.includes(error.refusal)) throw error;
      const [first] = rows;
      if (rows.length === 1 && first !== undefined) {
        // The row was changed after it had become a notice, and stays that notice.
        if (error.refusal !== "key_reused") report.onInvalidRow(first.key, error.message);
        return;
      }
      // A batch is published as a whole or not at all: halving it finds the invalid rows and keeps the order.
      const half = Math.ceil(rows.length / 2);
      await this.#publish(rows.slice(0, half), generation);
      await this.#publish(rows.slice(half), generation);
    }
  }

  async #createCheckpoint(): Promise<Checkpoint> {
    if (this.#options.from === "start") return Checkpoint.create([], undefined, 0);
    const keys = await this.#deps.source.lastKeys(INITIAL_KEYS);
    const isAll = keys.length < INITIAL_KEYS;
    const seen = keys.slice(0, INITIAL_KEYS - 1).toReversed();
    return Checkpoint.create(seen, isAll ? undefined : keys.at(-1), wallNow());
  }

  #opened(): Checkpoint {
    if (this.#checkpoint === undefined) throw new Error("A source was read before it was opened");
    return this.#checkpoint;
  }

  #load(): Promise<string | undefined> {
    const { keyValue, checkpointName } = this.#deps;
    return keyValue.get(checkpointName);
  }

  #save(checkpoint: Checkpoint): Promise<void> {
    const { keyValue, checkpointName } = this.#deps;
    return keyValue.set(checkpointName, checkpoint.format());
  }
}

/**
 * Converts a row to a publication. Its idempotency key consists of the row's key and the checkpoint's generation. Refuses
 * invalid rows.
 */
function publicationOf(row: NoticeRow, generation: string): Publication {
  const { key, recipient, title, body, data } = row;
  if (key.length > KEY_LENGTH) {
    throw new Refused("invalid_request", `The key is longer than ${KEY_LENGTH} characters`);
  }
  return {
    to: recipient?.trim() || "everyone",
    key: `${generation} ${key}`,
    ...(title && { title }),
    ...(body && { text: body }),
    ...(data && { data: parseData(data) }),
  };
}

function parseData(text: string): Json {
  if (text.length > DATA_LENGTH) {
    throw new Refused("text_too_long", `"data" is longer than ${DATA_LENGTH} characters`);
  }
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new Refused("invalid_request", error.message);
    throw new Refused("invalid_request", '"data" is not valid JSON');
  }
}
