import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { stopClock } from "../support/clock.ts";
import { TestReader } from "./test_reader.ts";

Deno.test("[B1] each new row becomes a notice once, in the order of the keys", async () => {
  await using reader = await TestReader.open();
  reader.source.write(2, 1, 3);

  assertEquals(await reader.read(), ["notice 1", "notice 2", "notice 3"]);
  reader.source.write(4);
  assertEquals(await reader.read(), ["notice 1", "notice 2", "notice 3", "notice 4"]);
});

Deno.test("[B1] a notice has the title of its row, and the body as text or the data as JSON", async () => {
  await using reader = await TestReader.open();
  reader.source.insert(1, { title: "Lunch", body: "is here" });
  reader.source.insert(2, { title: "", body: "", data: '{"table":7}' });

  await reader.read();

  assertEquals(
    (await reader.messages()).map(({ id: _id, at: _at, ...rest }) => rest),
    [{ channel: "notice", title: "Lunch", text: "is here" }, {
      channel: "notice",
      data: { table: 7 },
    }],
  );
});

Deno.test("[B1] any number of rows is read, page by page", async () => {
  await using reader = await TestReader.open();
  reader.source.write(...Array.from({ length: 1_200 }, (_, n) => n));

  assertEquals((await reader.read()).length, 1_200);
});

Deno.test("[B2] a row is for everyone, a session, a user or a room", async () => {
  await using reader = await TestReader.open();
  const { hub } = reader.test;
  const alice = await reader.test.signIn("alice");
  const bob = await hub.signInUser("bob@shop", "bob");
  reader.source.insert(1, { body: "one", recipient: "" });
  reader.source.insert(2, { body: "two", recipient: `session:${alice.publicToken}` });
  reader.source.insert(3, { body: "three", recipient: "user:bob@shop" });
  reader.source.insert(4, { body: "four", recipient: "room:tea" });

  await reader.read();

  assertEquals(await reader.texts("notice"), ["one"]);
  assertEquals(await reader.texts(`notice:${alice.publicToken}`), ["two"]);
  assertEquals(await reader.texts(`notice:${bob.publicToken}`), ["three"]);
  assertEquals(await reader.texts("room:tea"), ["four"]);
});

Deno.test("[I30] the user id in a row is known, also if the user has never connected", async () => {
  await using reader = await TestReader.open();
  const { accounts, sessions } = reader.test.hub;
  reader.source.insert(1, { body: "one", recipient: "user:42" });

  await reader.read();

  assertEquals(await accounts.userIds.find(await sessions.tokenOf("42")), "42");
});

Deno.test("[B5] at the first start, existing rows are skipped", async () => {
  await using reader = await TestReader.open({ keys: [1, 2, 3] });
  reader.source.write(4);

  assertEquals(await reader.read(), ["notice 4"]);
});

Deno.test("[B5] at the first start, any number of existing rows is skipped", async () => {
  const keys = Array.from({ length: 2_500 }, (_, n) => n);
  await using reader = await TestReader.open({ keys });
  reader.source.write(2_500);

  assertEquals(await reader.read(), ["notice 2500"]);
});

Deno.test("[B5] with NOTICES_FROM=start, existing rows become notices", async () => {
  await using reader = await TestReader.open({ keys: [1, 2, 3], from: "start" });

  assertEquals(await reader.read(), ["notice 1", "notice 2", "notice 3"]);
});

Deno.test("[B6] after a restart, only new rows become notices, whatever NOTICES_FROM is", async () => {
  for (const from of ["now", "start"] as const) {
    await using reader = await TestReader.open({ from });
    reader.source.write(1, 2);
    await reader.read();
    reader.source.write(3);

    await reader.restart();

    assertEquals(await reader.read(), ["notice 1", "notice 2", "notice 3"]);
    assertEquals(reader.published, 3);
  }
});

Deno.test("[B6] a row that was published before the checkpoint was saved is not published again", async () => {
  await using reader = await TestReader.open();
  const { keyValue } = reader.test.store;
  const before = await keyValue.get("notices scripted");
  reader.source.write(1, 2);
  await reader.read();

  await keyValue.set("notices scripted", before ?? "");
  await reader.restart();

  assertEquals(await reader.read(), ["notice 1", "notice 2"]);
  assertEquals([reader.published, reader.invalid], [2, []]);
});

Deno.test("[B6] a row that is changed later is not published again", async () => {
  await using reader = await TestReader.open();
  const before = await reader.test.store.keyValue.get("notices scripted");
  reader.source.write(1);
  await reader.read();
  await reader.test.store.keyValue.set("notices scripted", before ?? "");
  reader.source.insert(1, { body: "something else" });

  await reader.restart();

  assertEquals(await reader.read(), ["notice 1"]);
  assertEquals(reader.invalid, []);
});

Deno.test("[B8] a row that is committed late, with a lower key, is found within the window", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open({ windowMs: 60_000, keys: [1] });
  reader.source.write(6);
  await reader.read();
  await clock.pass(59_000);
  await reader.read();

  reader.source.write(5);

  assertEquals(await reader.read(), ["notice 6", "notice 5"]);
  assertEquals(await reader.read(), ["notice 6", "notice 5"]);
});

Deno.test("[B8] a row that is committed late is found after a restart", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open({ windowMs: 60_000 });
  reader.source.write(6);
  await reader.read();

  reader.source.write(5);
  await clock.pass(3_600_000);
  await reader.restart();

  assertEquals(await reader.read(), ["notice 6", "notice 5"]);
});

Deno.test("[B8] a row that is committed late, between rows of the first start, is found", async () => {
  await using reader = await TestReader.open({ keys: [1, 2, 4] });

  reader.source.write(3);

  assertEquals(await reader.read(), ["notice 3"]);
});

Deno.test("[B8] a row that is committed after the window is not found", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open({ windowMs: 60_000 });
  reader.source.write(6);
  await reader.read();
  await clock.pass(60_001);
  await reader.read();

  reader.source.write(5, 7);

  assertEquals(await reader.read(), ["notice 6", "notice 7"]);
});

Deno.test("[B8] rows may be removed from the table", async () => {
  using clock = stopClock();
  await using reader = await TestReader.open();
  reader.source.write(1, 2, 3);
  await reader.read();

  reader.source.remove(1, 2, 3);
  await reader.read();
  await clock.pass(120_000);
  reader.source.write(4);

  assertEquals(await reader.read(), ["notice 1", "notice 2", "notice 3", "notice 4"]);
});

Deno.test("[B8] the window has at most 10,000 rows", async () => {
  await using reader = await TestReader.open();
  reader.source.write(...Array.from({ length: 12_000 }, (_, n) => 10 + n));
  await reader.read();
  const written = await reader.test.store.keyValue.get("notices scripted") ?? "";

  reader.source.write(1, 5_000.5);
  await reader.read();

  assertEquals(reader.published, 12_001);
  assertEquals(JSON.parse(written).after, "2009");
});

Deno.test("[B12] an invalid row is reported by its key and skipped; the others become notices in order", async () => {
  await using reader = await TestReader.open();
  reader.source.write(1, 2, 3, 4, 5, 6, 7, 8);
  reader.source.insert(2, { body: "two", recipient: "session:nobodyNobodyNob_" });
  reader.source.insert(4, { recipient: "room:tea" });
  reader.source.insert(5, { body: "x".repeat(8_193) });
  reader.source.insert(6, { data: "{no json" });
  reader.source.insert(7, { body: "alice", recipient: "alice" });

  assertEquals(await reader.read(), ["notice 1", "notice 3", "notice 8"]);
  assertEquals(reader.invalid.map(([key]) => key), ["2", "4", "5", "6", "7"]);
  await reader.read();
  await reader.restart();
  await reader.read();
  assertEquals(reader.invalid.length, 5);
});

Deno.test("[B12] a row with body and data, with too much data, or with too long a title is invalid", async () => {
  await using reader = await TestReader.open();
  reader.source.insert(1, { body: "one", data: "1" });
  reader.source.insert(2, { data: JSON.stringify("x".repeat(65_536)) });
  reader.source.insert(3, { body: "three", title: "x".repeat(257) });

  assertEquals(await reader.read(), []);
  assertEquals(reader.invalid.map(([key]) => key), ["1", "2", "3"]);
});

Deno.test("[B11] while the store cannot be written, no row is lost", async () => {
  await using reader = await TestReader.open();
  const { publishing } = reader.test.hub;
  const publish = publishing.publish.bind(publishing);
  reader.source.write(1, 2);

  publishing.publish = () => Promise.reject(new Refused("store_unavailable", "The disk is full"));
  await assertRejects(() => reader.read(), Refused);
  publishing.publish = publish;

  assertEquals(await reader.read(), ["notice 1", "notice 2"]);
  assertEquals(reader.invalid, []);
});
