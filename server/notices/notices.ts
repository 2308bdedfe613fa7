import type { Hub } from "../core/hub/hub.ts";
import type { KeyValue } from "../core/model/store.ts";
import type { Logger } from "../base/logger.ts";
import { NoticeJob } from "./notice_job.ts";
import { NoticeReader } from "./notice_reader.ts";
import type { NoticeSettings } from "./notice_settings.ts";
import { type NoticeDatabase, placeName } from "./sources/notice_database.ts";
import { openSource } from "./sources/open_source.ts";

/** What has become of the rows of a database. */
export interface NoticeFigures {
  /** Rows that have become notices. */
  readonly published: number;
  /** Rows that cannot become notices. */
  readonly skipped: number;
  /** How often the database could not be read. */
  readonly failures: number;
  /** Whether it could be read the last time. */
  readonly isReadable: boolean;
}

/** Reads notices from a database, until disposed. */
export interface Notices extends AsyncDisposable {
  readonly figures: NoticeFigures;
}

/** What notices need of the rest. */
export interface NoticesDeps {
  readonly hub: Hub;
  readonly keyValue: KeyValue;
  readonly events: Logger;
}

/** So long (ms) the database may be away at the first start. */
const PATIENCE = 10_000;

/** So many wrong rows are logged in a minute; all are counted. */
const TOLD = 20;

/** Starts to read notices. Throws a `SourceError` when that cannot be. */
export async function startNotices(
  { hub, keyValue, events }: NoticesDeps,
  { database, settings, interval }: {
    readonly database: NoticeDatabase;
    readonly settings: NoticeSettings;
    readonly interval: number;
  },
): Promise<Notices> {
  await using opened = new AsyncDisposableStack();
  const count = { published: 0, skipped: 0, failures: 0 };
  const source = await openSource({ ...settings, database, onNews: () => job.wake() });
  const tellWrongRow = atMost(
    TOLD,
    (key: string, reason: string) =>
      events.write("warn", "notice_skipped", { key: key.slice(0, 100), reason }),
  );
  const reader = new NoticeReader({
    source,
    keyValue,
    name: placeName(database),
    publish: (publications) => hub.publishing.publish("db", publications),
    onPublished: (number) => count.published += number,
    onWrongRow: (key, reason) => {
      count.skipped++;
      tellWrongRow(key, reason);
    },
  }, settings);
  const job: NoticeJob = new NoticeJob(reader, {
    interval,
    patience: PATIENCE,
    onFailure: () => count.failures++,
    onTrouble: ({ message }) => events.write("error", "notices_unavailable", { reason: message }),
    onRecovery: () => events.write("info", "notices_available", { source: source.name }),
    onInternalError: (error) => events.internalError(error, { job: "notices" }),
  });
  // At the same time: the job waits for what it has asked the source, and has no use for the answer.
  opened.defer(async () =>
    void await Promise.all([job, source].map((part) => part[Symbol.asyncDispose]()))
  );
  await job.start();
  events.write("info", "notices_started", { source: source.name });
  const all = opened.move();
  return {
    get figures() {
      return { ...count, isReadable: !job.isInTrouble };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Calls `tell` so many times in a minute at most. */
function atMost<T extends readonly unknown[]>(
  times: number,
  tell: (...args: T) => void,
): (...args: T) => void {
  let [end, left] = [0, 0];
  return (...args) => {
    if (performance.now() >= end) [end, left] = [performance.now() + 60_000, times];
    if (left-- > 0) tell(...args);
  };
}
