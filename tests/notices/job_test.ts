import { assertEquals, assertRejects } from "@std/assert";
import { NoticeJob } from "../../server/notices/notice_job.ts";
import { SourceError } from "../../server/notices/sources/notice_source.ts";
import { settle, stopClock } from "../support/clock.ts";
import { Reading } from "./reading.ts";
import { AWAY, WRONG } from "./scripted_source.ts";

/** A job over a scripted source, and what it told. */
class TestJob implements AsyncDisposable {
  readonly told: string[] = [];
  readonly job: NoticeJob;
  failures = 0;

  constructor(reading: Reading, interval = 10_000) {
    this.job = new NoticeJob(reading.reader, {
      interval,
      patience: 10_000,
      onFailure: () => this.failures++,
      onTrouble: ({ message }) => this.told.push(message),
      onRecovery: () => this.told.push("recovered"),
      onInternalError: (error) => this.told.push(`defect: ${error}`),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.job[Symbol.asyncDispose]();
  }
}

Deno.test("[B1] rows are read at the start, and in each interval", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  reading.source.write(1);

  await test.job.start();
  await settle();
  assertEquals(await reading.texts(), ["notice 1"]);
  reading.source.write(2);
  await clock.pass(9_900);
  assertEquals(await reading.texts(), ["notice 1"]);
  await clock.pass(200);
  assertEquals(await reading.texts(), ["notice 1", "notice 2"]);
  assertEquals(test.told, []);
});

Deno.test("[B14] when there is news, rows are read at once, late ones too", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading, 3_600_000);
  await test.job.start();
  await clock.pass(1_000);

  reading.source.write(6);
  test.job.wake();
  await clock.pass(1);
  assertEquals(await reading.texts(), ["notice 6"]);
  reading.source.write(5);
  test.job.wake();
  await clock.pass(1);
  assertEquals(await reading.texts(), ["notice 6", "notice 5"]);
});

Deno.test("[B14] however much news there is, the interval comes", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  await test.job.start();
  reading.source.write(10);
  await clock.pass(1);
  test.job.wake();
  await clock.pass(1);
  reading.source.write(5);

  for (let second = 0; second < 11; second++) {
    reading.source.write(11 + second);
    test.job.wake();
    await clock.pass(1_000);
  }

  assertEquals((await reading.texts()).includes("notice 5"), true);
});

for (const error of [AWAY, WRONG]) {
  Deno.test(`[B11] a source that is ${error.kind} is told at once and then each minute, and tried again later and later`, async () => {
    using clock = stopClock();
    await using reading = await Reading.open();
    await using test = new TestJob(reading);
    await test.job.start();
    await clock.pass(1);

    reading.source.error = error;
    await clock.pass(10_000);
    assertEquals([test.told, test.job.isInTrouble], [[error.message], true]);
    const before = reading.source.asked;
    await clock.pass(59_000);
    assertEquals(test.told, [error.message]);
    // After 0.5, 1, 2, 4, 8, 16 and 30 s.
    assertEquals(reading.source.asked - before, 6);
    await clock.pass(63_000);
    assertEquals(test.told.length, 3);
    assertEquals(test.failures > 7, true);
  });
}

Deno.test("[B11] when the source is back, what came meanwhile is read, and it is told", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  await test.job.start();
  reading.source.error = AWAY;
  await clock.pass(40_000);
  reading.source.write(1, 2);

  reading.source.error = undefined;
  await clock.pass(30_000);

  assertEquals(await reading.texts(), ["notice 1", "notice 2"]);
  assertEquals(test.told, [AWAY.message, "recovered"]);
  assertEquals(test.job.isInTrouble, false);
});

Deno.test("[B11] news does not hurry the next try while the source is away", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  await test.job.start();
  reading.source.error = AWAY;
  await clock.pass(60_000);
  const before = reading.source.asked;

  for (let n = 0; n < 10; n++) {
    test.job.wake();
    await clock.pass(10);
  }

  assertEquals(reading.source.asked - before, 0);
});

Deno.test("[B9] a source that is wrong at the start is told by throwing", async () => {
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  reading.source.error = WRONG;

  const error = await assertRejects(() => test.job.start(), SourceError);

  assertEquals(error, WRONG);
});

Deno.test("[B10] a source that was never read may be away for 10 s at the start", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await reading.test.store.keyValue.set("notices scripted", "");
  await using test = new TestJob(reading);
  reading.source.error = AWAY;
  const starting = test.job.start();
  await clock.pass(9_000);

  reading.source.error = undefined;
  await clock.pass(1_000);
  await starting;

  assertEquals(test.told, [AWAY.message, "recovered"]);
});

Deno.test("[B10] a source that was never read and stays away is told by throwing", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await reading.test.store.keyValue.set("notices scripted", "");
  await using test = new TestJob(reading);
  reading.source.error = AWAY;

  const starting = assertRejects(() => test.job.start(), SourceError);
  await clock.pass(11_000);

  assertEquals(await starting, AWAY);
});

Deno.test("[B10] a source that was read before may be away at the start", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  reading.source.error = AWAY;
  reading.source.write(1);

  await test.job.start();
  assertEquals([test.told, test.job.isInTrouble], [[AWAY.message], true]);
  reading.source.error = undefined;
  await clock.pass(1_000);

  assertEquals(await reading.texts(), ["notice 1"]);
});

Deno.test("[B11] a defect is told as one, and the job goes on", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  await using test = new TestJob(reading);
  await test.job.start();
  reading.source.error = new TypeError("no cup");
  await clock.pass(10_100);

  reading.source.error = undefined;
  reading.source.write(1);
  await clock.pass(10_000);

  assertEquals(test.told[0], "defect: TypeError: no cup");
  assertEquals(await reading.texts(), ["notice 1"]);
});
