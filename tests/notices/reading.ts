import type { Message } from "../../server/protocol/message.ts";
import { NoticeReader, type NoticeReaderOptions } from "../../server/notices/notice_reader.ts";
import { TestHub } from "../support/hub.ts";
import { ScriptedSource } from "./scripted_source.ts";

/** A reader of a scripted source, over a hub; it may die, and another goes on in its place. */
export class Reading implements AsyncDisposable {
  readonly source: ScriptedSource;
  readonly test: TestHub;
  /** The rows that were told to be wrong. */
  readonly wrong: [key: string, reason: string][] = [];
  published = 0;
  reader: NoticeReader;
  readonly #options: NoticeReaderOptions;

  /** Opens one that has read nothing yet, of a source with these rows. */
  static async open(
    { from = "now", window = 60_000, keys = [] }:
      & Partial<NoticeReaderOptions>
      & { readonly keys?: readonly number[] } = {},
  ): Promise<Reading> {
    const reading = new Reading(await TestHub.open(), { from, window });
    reading.source.write(...keys);
    await reading.reader.open();
    return reading;
  }

  constructor(test: TestHub, options: NoticeReaderOptions, source = new ScriptedSource()) {
    this.test = test;
    this.source = source;
    this.#options = options;
    this.reader = this.#newReader();
  }

  /** Reads all, and says which messages there are to everyone. */
  async read(): Promise<string[]> {
    await this.reader.read(new AbortController().signal);
    return await this.texts();
  }

  /** Another reader, which knows only what is in the store. */
  async restart(): Promise<void> {
    this.reader = this.#newReader();
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

  #newReader(): NoticeReader {
    const { hub, store } = this.test;
    return new NoticeReader({
      source: this.source,
      keyValue: store.keyValue,
      name: "notices scripted",
      publish: (publications) => hub.publishing.publish("db", publications),
      onPublished: (count) => this.published += count,
      onWrongRow: (key, reason) => this.wrong.push([key, reason]),
    }, this.#options);
  }
}
