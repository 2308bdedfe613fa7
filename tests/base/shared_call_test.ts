import { assertEquals, assertRejects } from "@std/assert";
import { SharedCall } from "../../server/base/shared_call.ts";

Deno.test("[F48] callers share a call that starts after they asked, and one runs at a time", async () => {
  const started: PromiseWithResolvers<void>[] = [];
  const shared = new SharedCall(() => {
    const call = Promise.withResolvers<void>();
    started.push(call);
    return call.promise;
  });
  const done: string[] = [];
  const first = shared.call().then(() => done.push("first"));
  const others = ["second", "third"].map((name) => shared.call().then(() => done.push(name)));
  assertEquals(started.length, 1);

  started[0]?.resolve();
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals([started.length, ...done], [2, "first"]);
  started[1]?.resolve();
  await Promise.all(others);

  assertEquals([started.length, ...done], [2, "first", "second", "third"]);
});

Deno.test("[F48] a call that fails is an error for those who shared it only", async () => {
  let calls = 0;
  const shared = new SharedCall(async () => {
    calls++;
    await Promise.resolve();
    if (calls === 1) throw new Error("failed");
  });
  const first = shared.call();
  const second = shared.call();

  await assertRejects(() => first, Error, "failed");
  await second;
  await shared.call();
  assertEquals(calls, 3);
});
