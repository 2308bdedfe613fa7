import { assertEquals, assertRejects } from "@std/assert";
import { ReadQueue, StoreRequest } from "../../../server/core/log/read_queue.ts";
import { Refused } from "../../../server/core/model/refused.ts";

/** A portion that blocks the event loop for `ms`. */
function busy(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return Promise.resolve();
}

Deno.test("[Y21] sessions take turns, whatever each of them reads", async () => {
  const queue = new ReadQueue();
  const order: string[] = [];
  const read = (owner: string) => {
    const request = new StoreRequest(owner);
    return queue.read(request, () => Promise.resolve(order.push(owner)));
  };

  await Promise.all([..."mmmmm", "alice", "bob"].map(read));

  assertEquals(order, ["m", "alice", "bob", "m", "m", "m", "m"]);
});

Deno.test("[Y21] everything else is served between portions that take long", async () => {
  const queue = new ReadQueue();
  let turns = 0;
  const interval = setInterval(() => turns++, 1);
  const request = new StoreRequest("mallory");

  for (let n = 0; n < 20; n++) await queue.read(request, () => busy(3));

  clearInterval(interval);
  assertEquals(turns >= 19, true, `${turns} turns`);
});

Deno.test("[Y22] a session has 32 requests that wait; one that has begun goes on", async () => {
  const queue = new ReadQueue();
  const begun = new StoreRequest("mallory");
  await queue.read(begun, () => Promise.resolve());
  const read = (owner: string) => queue.read(new StoreRequest(owner), () => Promise.resolve(owner));

  const first = Array.from({ length: 32 }, () => read("mallory"));

  await assertRejects(() => read("mallory"), Refused, "32 requests");
  const others = await Promise.all([
    queue.read(begun, () => Promise.resolve("next portion")),
    read("alice"),
  ]);
  assertEquals(others, ["next portion", "alice"]);
  assertEquals((await Promise.all(first)).length, 32);
});

Deno.test("[Y21] a portion that fails is reported, and the next one is read", async () => {
  const queue = new ReadQueue();
  const request = new StoreRequest("alice");
  const failing = queue.read(request, () => {
    throw new Error("disk");
  });

  assertEquals(await failing.catch(({ message }) => message), "disk");
  assertEquals(await queue.read(request, () => Promise.resolve(1)), 1);
});
