import {
  type NoticeRow,
  type NoticeSource,
  SourceError,
} from "../../server/notices/sources/notice_source.ts";

/** A source whose rows are written by a test. Its keys are whole numbers. */
export class ScriptedSource implements NoticeSource {
  readonly name = "scripted";
  readonly #rows = new Map<number, NoticeRow>();
  /** If set, every query fails with it. */
  error: Error | undefined;
  /** Number of queries. */
  queries = 0;

  /** Writes rows whose bodies contain their keys. */
  write(...keys: readonly number[]): void {
    for (const key of keys) this.insert(key, { body: `notice ${key}` });
  }

  insert(key: number, row: Omit<NoticeRow, "key">): void {
    this.#rows.set(key, { key: String(key), ...row });
  }

  remove(...keys: readonly number[]): void {
    for (const key of keys) this.#rows.delete(key);
  }

  check(): Promise<void> {
    return this.#answer(() => {});
  }

  checkKey(): Promise<void> {
    return this.#answer(() => {});
  }

  lastKeys(limit: number): Promise<readonly string[]> {
    return this.#answer(() => this.#after(-Infinity).toReversed().slice(0, limit).map(String));
  }

  read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]> {
    return this.#answer(() =>
      this.#after(after === undefined ? -Infinity : Number(after)).slice(0, limit)
        .map((key) => this.#rows.get(key)!)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #after(key: number): number[] {
    return [...this.#rows.keys()].filter((one) => one > key).sort((one, other) => one - other);
  }

  #answer<T>(answer: () => T): Promise<T> {
    this.queries++;
    return this.error === undefined ? Promise.resolve(answer()) : Promise.reject(this.error);
  }
}

export const UNAVAILABLE = new SourceError("scripted", {
  kind: "unavailable",
  reason: "no answer",
});

export const MISCONFIGURED = new SourceError("scripted", {
  kind: "misconfigured",
  reason: "no such table",
});
