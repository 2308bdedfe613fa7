import type { Message } from "../../server/protocol/message.ts";
import { NoticeReader, type NoticeReaderOptions } from "../../server/notices/notice_reader.ts";
import { TestHub } from "../support/hub.ts";
import { ScriptedSource } from "./scripted_source.ts";

/** A reader of a scripted source, with a hub in memory. */
export class TestReader implements AsyncDisposable {
  readonly source = new ScriptedSource();
  readonly test: TestHub;
  /** The rows that were reported as invalid. */
  readonly invalid: [key: string, reason: string][] = [];
  published = 0;
  reader: NoticeReader;
  readonly #options: NoticeReaderOptions;

  /** Opens a reader that has read nothing, of a source with rows of these keys. */
  static async open(
    { from = "now", windowMs = 60_000, keys = [] }:
      & Partial<NoticeReaderOptions>
      & { readonly keys?: readonly number[] } = {},
  ): Promise<TestReader> {
    const reader = new TestReader(await TestHub.open(), { from, windowMs });
    reader.source.write(...keys);
    await reader.reader.open();
    return reader;
  }

  constructor(test: TestHub, options: NoticeReaderOptions) {
    this.test = test;
    this.#options = options;
    this.reader = this.#createReader();
  }

  /** Reads all rows; returns the texts of all notices to everyone. */
  async read(): Promise<string[]> {
    await this.reader.readAll(new AbortController().signal);
    return await this.texts();
  }

  /** Replaces the reader by one that knows only what is in the store. */
  async restart(): Promise<void> {
    this.reader = this.#createReader();
    await this.reader.open();
  }

  async messages(topic = "notice"): Promise<readonly Message[]> {
    return (await this.test.store.log.history(topic, undefined, 2_000)).toReversed();
  }

  async texts(topic = "notice"): Promise<string[]> {
    return (await this.messages(topic)).map(({ text }) => text ?? "");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]();
  }

  #createReader(): NoticeReader {
    const { hub, store } = this.test;
    return new NoticeReader({
      source: this.source,
      keyValue: store.keyValue,
      checkpointName: "notices scripted",
      publishing: hub.publishing,
      report: {
        onPublished: (count) => this.published += count,
        onInvalidRow: (key, reason) => this.invalid.push([key, reason]),
      },
    }, this.#options);
  }
}
