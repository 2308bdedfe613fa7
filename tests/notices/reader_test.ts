import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { stopClock } from "../support/clock.ts";
import { Reading } from "./reading.ts";

Deno.test("[B1] each new row becomes a notice, in the order of the keys, once", async () => {
  await using reading = await Reading.open();
  reading.source.write(2, 1, 3);

  assertEquals(await reading.read(), ["notice 1", "notice 2", "notice 3"]);
  reading.source.write(4);
  assertEquals(await reading.read(), ["notice 1", "notice 2", "notice 3", "notice 4"]);
});

Deno.test("[B1] a notice has the row's title, and its body as text or its data as JSON", async () => {
  await using reading = await Reading.open();
  reading.source.insert(1, { title: "Lunch", body: "is here" });
  reading.source.insert(2, { title: "", body: "", data: '{"table":7}' });

  await reading.read();

  assertEquals(
    (await reading.messages()).map(({ id: _id, at: _at, ...rest }) => rest),
    [{ channel: "notice", title: "Lunch", text: "is here" }, {
      channel: "notice",
      data: { table: 7 },
    }],
  );
});

Deno.test("[B1] more rows than are read at once are all read", async () => {
  await using reading = await Reading.open();
  reading.source.write(...Array.from({ length: 1_200 }, (_, n) => n));

  assertEquals((await reading.read()).length, 1_200);
});

Deno.test("[B2] a row is for everyone, a session, a user or a room", async () => {
  await using reading = await Reading.open();
  const { hub } = reading.test;
  const alice = await reading.test.signIn("alice");
  const bob = await hub.signInUser("bob@shop", "bob");
  reading.source.insert(1, { body: "one", recipient: "" });
  reading.source.insert(2, { body: "two", recipient: `session:${alice.publicToken}` });
  reading.source.insert(3, { body: "three", recipient: "user:bob@shop" });
  reading.source.insert(4, { body: "four", recipient: "room:tea" });

  await reading.read();

  assertEquals(await reading.texts("notice"), ["one"]);
  assertEquals(await reading.texts(`notice:${alice.publicToken}`), ["two"]);
  assertEquals(await reading.texts(`notice:${bob.publicToken}`), ["three"]);
  assertEquals(await reading.texts("room:tea"), ["four"]);
});

Deno.test("[B5] rows that are there at the first start are skipped, those that come later are not", async () => {
  await using reading = await Reading.open({ keys: [1, 2, 3] });
  reading.source.write(4);

  assertEquals(await reading.read(), ["notice 4"]);
});

Deno.test("[B5] of very many rows that are there at the first start, all are skipped", async () => {
  const keys = Array.from({ length: 2_500 }, (_, n) => n);
  await using reading = await Reading.open({ keys });
  reading.source.write(2_500);

  assertEquals(await reading.read(), ["notice 2500"]);
});

Deno.test("[B5] from the start, all rows become notices", async () => {
  await using reading = await Reading.open({ keys: [1, 2, 3], from: "start" });

  assertEquals(await reading.read(), ["notice 1", "notice 2", "notice 3"]);
});

Deno.test("[B6] after a restart only rows that came meanwhile are new, whatever NOTICES_FROM says", async () => {
  for (const from of ["now", "start"] as const) {
    await using reading = await Reading.open({ from });
    reading.source.write(1, 2);
    await reading.read();
    reading.source.write(3);

    await reading.restart();

    assertEquals(await reading.read(), ["notice 1", "notice 2", "notice 3"]);
    assertEquals(reading.published, 3);
  }
});

Deno.test("[B6] a row that was published before the place was written down is not published again", async () => {
  await using reading = await Reading.open();
  const { keyValue } = reading.test.store;
  const before = await keyValue.get("notices scripted");
  reading.source.write(1, 2);
  await reading.read();

  await keyValue.set("notices scripted", before ?? "");
  await reading.restart();

  assertEquals(await reading.read(), ["notice 1", "notice 2"]);
  assertEquals([reading.published, reading.wrong], [2, []]);
});

Deno.test("[B6] a row that changes after it became a notice stays that notice", async () => {
  await using reading = await Reading.open();
  const before = await reading.test.store.keyValue.get("notices scripted");
  reading.source.write(1);
  await reading.read();
  await reading.test.store.keyValue.set("notices scripted", before ?? "");
  reading.source.insert(1, { body: "something else" });

  await reading.restart();

  assertEquals(await reading.read(), ["notice 1"]);
  assertEquals(reading.wrong, []);
});

Deno.test("[B8] a row that is committed late, before others, is not skipped within the window", async () => {
  using clock = stopClock();
  await using reading = await Reading.open({ window: 60_000, keys: [1] });
  reading.source.write(6);
  await reading.read();
  await clock.pass(59_000);
  await reading.read();

  reading.source.write(5);

  assertEquals(await reading.read(), ["notice 6", "notice 5"]);
  assertEquals(await reading.read(), ["notice 6", "notice 5"]);
});

Deno.test("[B8] a late row is not skipped after a restart either", async () => {
  using clock = stopClock();
  await using reading = await Reading.open({ window: 60_000 });
  reading.source.write(6);
  await reading.read();

  reading.source.write(5);
  await clock.pass(3_600_000);
  await reading.restart();

  assertEquals(await reading.read(), ["notice 6", "notice 5"]);
});

Deno.test("[B8] rows that were in the making at the first start are found, those before are skipped", async () => {
  await using reading = await Reading.open({ keys: [1, 2, 4] });

  reading.source.write(3);

  assertEquals(await reading.read(), ["notice 3"]);
});

Deno.test("[B8] what is behind the window is read no more", async () => {
  using clock = stopClock();
  await using reading = await Reading.open({ window: 60_000 });
  reading.source.write(6);
  await reading.read();
  await clock.pass(60_001);
  await reading.read();

  reading.source.write(5, 7);

  assertEquals(await reading.read(), ["notice 6", "notice 7"]);
});

Deno.test("[B8] rows that are removed from the table are no matter", async () => {
  using clock = stopClock();
  await using reading = await Reading.open();
  reading.source.write(1, 2, 3);
  await reading.read();

  reading.source.remove(1, 2, 3);
  await reading.read();
  await clock.pass(120_000);
  reading.source.write(4);

  assertEquals(await reading.read(), ["notice 1", "notice 2", "notice 3", "notice 4"]);
});

Deno.test("[B8] the window is so many rows long at most", async () => {
  await using reading = await Reading.open();
  reading.source.write(...Array.from({ length: 12_000 }, (_, n) => 10 + n));
  await reading.read();
  const written = await reading.test.store.keyValue.get("notices scripted") ?? "";

  reading.source.write(1, 5_000.5);
  await reading.read();

  assertEquals(reading.published, 12_001);
  assertEquals(JSON.parse(written).after, "2009");
});

Deno.test("[B12] a wrong row is told by its key and skipped, those around it become notices in order", async () => {
  await using reading = await Reading.open();
  reading.source.write(1, 2, 3, 4, 5, 6, 7, 8);
  reading.source.insert(2, { body: "for whom?", recipient: "session:nobodyNobodyNob_" });
  reading.source.insert(4, { recipient: "room:tea" });
  reading.source.insert(5, { body: "x".repeat(8_193) });
  reading.source.insert(6, { data: "{no json" });
  reading.source.insert(7, { body: "alice", recipient: "alice" });

  assertEquals(await reading.read(), ["notice 1", "notice 3", "notice 8"]);
  assertEquals(reading.wrong.map(([key]) => key), ["2", "4", "5", "6", "7"]);
  await reading.read();
  await reading.restart();
  await reading.read();
  assertEquals(reading.wrong.length, 5);
});

Deno.test("[B12] a row with body and data, too much data, or too long a key is wrong", async () => {
  await using reading = await Reading.open();
  reading.source.insert(1, { body: "one", data: "1" });
  reading.source.insert(2, { data: JSON.stringify("x".repeat(65_536)) });
  reading.source.insert(3, { body: "three", title: "x".repeat(257) });

  assertEquals(await reading.read(), []);
  assertEquals(reading.wrong.map(([key]) => key), ["1", "2", "3"]);
});

Deno.test("[B11] while the store cannot be written, no row is passed over", async () => {
  await using reading = await Reading.open();
  const { publishing } = reading.test.hub;
  const publish = publishing.publish.bind(publishing);
  reading.source.write(1, 2);

  publishing.publish = () => Promise.reject(new Refused("store_unavailable", "The disk is full"));
  await assertRejects(() => reading.read(), Refused);
  publishing.publish = publish;

  assertEquals(await reading.read(), ["notice 1", "notice 2"]);
  assertEquals(reading.wrong, []);
});
