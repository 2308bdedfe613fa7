import { assertEquals, assertRejects } from "@std/assert";
import { Wakeup } from "../../server/base/wakeup.ts";
import { NoticeJob } from "../../server/notices/notice_job.ts";
import { NoticeReport } from "../../server/notices/notice_report.ts";
import { SourceError } from "../../server/notices/sources/notice_source.ts";
import { settle, stopClock } from "../support/clock.ts";
import { TestReader } from "./test_reader.ts";
import { MISCONFIGURED, UNAVAILABLE } from "./scripted_source.ts";

/** A job that reads a scripted source, and what it logs. */
class TestJob implements AsyncDisposable {
  readonly logged: unknown[] = [];
  readonly job: NoticeJob;
  readonly report: NoticeReport;
  readonly wakeup = new Wakeup();

  constructor({ reader }: TestReader, intervalMs = 10_000) {
    this.report = new NoticeReport({
      write: (_level, event, { reason } = {}) => this.logged.push(reason ?? event),
      internalError: (error) => this.logged.push(error),
    });
    this.job = new NoticeJob(reader, {
      wakeup: this.wakeup,
      intervalMs,
      startTimeoutMs: 10_000,
      onFailure: (error) => this.report.onFailure(error),
      onRecovery: () => this.report.onRecovery("scripted"),
    });
  }

  get failures(): number {
    const metric = this.report.metrics.find(({ name }) => name === "notices_failures_total");
    return metric?.value ?? NaN;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.job[Symbol.asyncDispose]();
  }
}

Deno.test("[B1] rows are read at the start and in every interval", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  reader.source.write(1);

  await test.job.start();
  await settle();
  assertEquals(await reader.texts(), ["notice 1"]);
  reader.source.write(2);
  await clock.pass(9_900);
  assertEquals(await reader.texts(), ["notice 1"]);
  await clock.pass(200);
  assertEquals(await reader.texts(), ["notice 1", "notice 2"]);
  assertEquals(test.logged, []);
});

Deno.test("[B14] when woken, the job reads new rows at once, also with lower keys", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader, 3_600_000);
  await test.job.start();
  await clock.pass(1_000);

  reader.source.write(6);
  test.wakeup.wake();
  await clock.pass(1);
  assertEquals(await reader.texts(), ["notice 6"]);
  reader.source.write(5);
  test.wakeup.wake();
  await clock.pass(1);
  assertEquals(await reader.texts(), ["notice 6", "notice 5"]);
});

Deno.test("[B14] however often it is woken, the job reads all rows in every interval", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  await test.job.start();
  reader.source.write(10);
  await clock.pass(1);
  test.wakeup.wake();
  await clock.pass(1);
  reader.source.write(5);

  for (let second = 0; second < 11; second++) {
    reader.source.write(11 + second);
    test.wakeup.wake();
    await clock.pass(1_000);
  }

  assertEquals((await reader.texts()).includes("notice 5"), true);
});

for (const error of [UNAVAILABLE, MISCONFIGURED]) {
  Deno.test(`[B11] a source that is ${error.kind} is logged at once and then every minute, and tried again with growing delays`, async () => {
    using clock = stopClock();
    await using reader = await TestReader.open();
    await using test = new TestJob(reader);
    await test.job.start();
    await clock.pass(1);

    reader.source.error = error;
    await clock.pass(10_000);
    assertEquals([test.logged, test.report.isReadable], [[error.message], false]);
    const before = reader.source.queries;
    await clock.pass(59_000);
    assertEquals(test.logged, [error.message]);
    // With delays of 0.5, 1, 2, 4, 8, 16 and 30 s.
    assertEquals(reader.source.queries - before, 6);
    await clock.pass(63_000);
    assertEquals(test.logged.length, 3);
    assertEquals(test.failures > 7, true);
  });
}

Deno.test("[B11] when the source is available again, that is logged, and new rows are read", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  await test.job.start();
  reader.source.error = UNAVAILABLE;
  await clock.pass(40_000);
  reader.source.write(1, 2);

  reader.source.error = undefined;
  await clock.pass(30_000);

  assertEquals(await reader.texts(), ["notice 1", "notice 2"]);
  assertEquals(test.logged, [UNAVAILABLE.message, "notices_available"]);
  assertEquals(test.report.isReadable, true);
});

Deno.test("[B11] waking does not shorten the delay after a failure", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  await test.job.start();
  reader.source.error = UNAVAILABLE;
  await clock.pass(60_000);
  const before = reader.source.queries;

  for (let n = 0; n < 10; n++) {
    test.wakeup.wake();
    await clock.pass(10);
  }

  assertEquals(reader.source.queries - before, 0);
});

Deno.test("[B9] a misconfigured source fails the start", async () => {
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  reader.source.error = MISCONFIGURED;

  const error = await assertRejects(() => test.job.start(), SourceError);

  assertEquals(error, MISCONFIGURED);
});

Deno.test("[B10] at the start, a source that was never read may be unavailable for 10 s", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await reader.test.store.keyValue.set("notices scripted", "");
  await using test = new TestJob(reader);
  reader.source.error = UNAVAILABLE;
  const starting = test.job.start();
  await clock.pass(9_000);

  reader.source.error = undefined;
  await clock.pass(1_000);
  await starting;

  assertEquals(test.logged, [UNAVAILABLE.message, "notices_available"]);
});

Deno.test("[B10] a source that was never read and stays unavailable fails the start", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await reader.test.store.keyValue.set("notices scripted", "");
  await using test = new TestJob(reader);
  reader.source.error = UNAVAILABLE;

  const starting = assertRejects(() => test.job.start(), SourceError);
  await clock.pass(11_000);

  assertEquals(await starting, UNAVAILABLE);
});

Deno.test("[B10] a source that was read before may be unavailable at the start", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  reader.source.error = UNAVAILABLE;
  reader.source.write(1);

  await test.job.start();
  assertEquals([test.logged, test.report.isReadable], [[UNAVAILABLE.message], false]);
  reader.source.error = undefined;
  await clock.pass(1_000);

  assertEquals(await reader.texts(), ["notice 1"]);
});

Deno.test("[B11] an internal error is logged, and the job goes on", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  await using test = new TestJob(reader);
  await test.job.start();
  const error = new TypeError("no cup");
  reader.source.error = error;
  await clock.pass(10_100);

  reader.source.error = undefined;
  reader.source.write(1);
  await clock.pass(10_000);

  assertEquals(test.logged[0], error);
  assertEquals(await reader.texts(), ["notice 1"]);
});
