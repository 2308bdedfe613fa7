import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { KeyValue } from "../../server/core/model/store.ts";
import type { PushDevice } from "../../server/core/sessions/push_devices.ts";
import { END } from "../../server/push/message_progress.ts";
import { PushProgress } from "../../server/push/push_progress.ts";
import { TestHub } from "../support/hub.ts";

/** A person's `n`-th device. */
function deviceOf(n: number): PushDevice {
  const keys = { p256dh: `BA${String(n).padStart(6, "0")}`, auth: "" };
  return { endpoint: `https://push.example/${n}`, keys, serverKey: "", contents: true, at: 0 };
}

const [PHONE, LAPTOP] = [deviceOf(1), deviceOf(2)];

/** The names of those who wait. */
function waitingIn(progress: PushProgress, id: number): Record<string, number | "all"> {
  return Object.fromEntries(
    [...progress.begin(id).people].map(([person, devices]) => [person, devices?.size ?? "all"]),
  );
}

/** A public token. */
function personOf(n: number): string {
  const digits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  return digits.charAt(n % 64) + String(n).padStart(15, "0");
}

/** Counts what is written, and the longest value. */
function counting(keyValue: KeyValue) {
  const counts = { writes: 0, longest: 0 };
  return {
    counts,
    get: (name: string) => keyValue.get(name),
    remove: (name: string) => keyValue.remove(name),
    set: (name: string, value: string) => {
      counts.writes++;
      counts.longest = Math.max(counts.longest, value.length);
      return keyValue.set(name, value);
    },
  };
}

Deno.test("[I95] what is stored are the people and devices that wait; a message of which nobody was reached is begun again", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  const progress = await PushProgress.load(keyValue, 10);
  const [first, second] = [progress.begin(11), progress.begin(12)];
  progress.begin(13);
  for (const person of ["Alice", "Bob"]) {
    first.begin(person);
    first.beginDevices(person, [PHONE, LAPTOP]);
  }
  first.begin("Carol");
  first.endDevice("Alice", PHONE);
  second.begin("Alice");
  second.beginDevices("Alice", [PHONE, LAPTOP]);
  await progress.save(14);

  const next = await PushProgress.load(keyValue, 20);

  assertEquals([next.newest, next.ids], [14, [11, 12, 13]]);
  assertEquals(next.begin(11).cursor, "Carol");
  assertEquals(waitingIn(next, 11), { Alice: 1, Bob: 2, Carol: "all" });
  assertEquals(next.begin(11).beginDevices("Alice", [PHONE, LAPTOP]), [LAPTOP]);
  assertEquals([next.begin(12).cursor, waitingIn(next, 12)], ["", {}]);
});

Deno.test("[I97] if saving is interrupted, nobody is lost, and of who is known to wait, only the devices that wait are pushed to", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  await PushProgress.load(keyValue, 10);
  const fails = new Error("the store has ended");
  const interrupted = await PushProgress.load({
    get: (name) => keyValue.get(name),
    remove: (name) => keyValue.remove(name),
    set: (name, value) =>
      name === "push progress" ? Promise.reject(fails) : keyValue.set(name, value),
  }, 10);
  const message = interrupted.begin(11);
  for (const person of ["Alice", "Bob"]) message.begin(person);
  message.beginDevices("Alice", [PHONE, LAPTOP]);
  message.endDevice("Alice", PHONE);
  message.end("Bob");
  message.endPeople();
  assertEquals(await interrupted.save(11).catch((error) => error), fails);

  const next = await PushProgress.load(keyValue, 11);

  assertEquals([next.newest, next.ids], [10, [11]]);
  assertEquals([next.begin(11).cursor, waitingIn(next, 11)], ["", { Alice: 1 }]);
});

Deno.test("[I99] of a notice to 128,000 people of whom three wait, the three are stored; a save writes what has changed", async () => {
  await using test = await TestHub.open();
  const store = counting(test.store.keyValue);
  const progress = await PushProgress.load(store, 10);
  const notice = progress.begin(11);
  const people = Array.from({ length: 128_000 }, (_, n) => personOf(n)).sort();
  for (const [n, person] of people.entries()) {
    notice.begin(person);
    if (n % 50_000 === 7) continue;
    for (const device of notice.beginDevices(person, [PHONE])) notice.endDevice(person, device);
    notice.end(person);
  }
  await progress.save(11);
  await progress.save(11);
  notice.endPeople();
  await progress.save(11);

  // The first head; then the head and up to three lists; then the head.
  assertLessOrEqual(store.counts.writes, 6);
  assertLessOrEqual(store.counts.longest, 200);
  const next = await PushProgress.load(store, 11);
  assertEquals(Object.keys(waitingIn(next, 11)).length, 3);
  assertEquals(next.begin(11).cursor, END);
});

Deno.test("[I99] ten thousand messages that wait for a device each are stored, whether another was reached or not", async () => {
  for (const isReached of [true, false]) {
    await using test = await TestHub.open();
    const store = counting(test.store.keyValue);
    const progress = await PushProgress.load(store, 0);
    for (let id = 1; id <= 10_000; id++) {
      const message = progress.begin(id * 100);
      message.begin(personOf(id));
      message.beginDevices(personOf(id), [PHONE, LAPTOP]);
      if (isReached) message.endDevice(personOf(id), PHONE);
      message.endPeople();
    }
    await progress.save(1_000_000);

    const next = await PushProgress.load(store, 1_000_000);

    assertEquals([next.newest, next.ids.length], [1_000_000, 10_000]);
    assertEquals(waitingIn(next, 700), isReached ? { [personOf(7)]: 1 } : {});
    assertLessOrEqual(store.counts.longest, 60_100);
    assertLessOrEqual(store.counts.writes, 66);
  }
});

Deno.test("[I99] where a value is full, the messages from there on are begun again, and nobody is lost", async () => {
  await using test = await TestHub.open();
  const store = counting(test.store.keyValue);
  const progress = await PushProgress.load(store, 0);
  for (let id = 1; id <= 5_000; id++) {
    const message = progress.begin(id);
    // All have the same first character.
    message.begin("Alice");
    message.beginDevices("Alice", [PHONE, LAPTOP]);
    message.endDevice("Alice", PHONE);
    message.endPeople();
  }
  await progress.save(6_000);

  const next = await PushProgress.load(store, 6_000);

  const { newest } = next;
  assert(newest > 2_000 && newest < 5_000, String(newest));
  assertEquals(next.ids, Array.from({ length: newest }, (_, n) => n + 1));
  assertLessOrEqual(store.counts.longest, 60_100);
});

Deno.test("[I99] what an earlier version has stored is read; what a longer log has left is not", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  await keyValue.set("push progress", JSON.stringify({ newest: 20, waiting: [12, 17] }));

  const progress = await PushProgress.load(keyValue, 30);

  assertEquals([progress.newest, progress.ids], [20, [12, 17]]);
  await progress.save(30);
  const next = await PushProgress.load(keyValue, 30);
  assertEquals([next.newest, next.ids, next.begin(17).hasReached], [30, [12, 17], false]);
  const shorter = await PushProgress.load(keyValue, 5);
  assertEquals([shorter.newest, shorter.ids], [5, []]);
});
