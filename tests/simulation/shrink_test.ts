import { assertEquals } from "@std/assert";
import { Choices } from "./choices.ts";
import { shrink } from "./shrink.ts";

/** A run that fails if all of `causes` happen. */
function failingRun(causes: readonly string[]) {
  return (without: readonly string[]) => {
    const choices = new Choices(without);
    const happened = Array.from({ length: 40 }, (_, n) => `fault ${n}`)
      .filter((name) => choices.allows(name));
    const fails = causes.every((cause) => happened.includes(cause));
    return Promise.resolve({ fails, offered: choices.offered });
  };
}

Deno.test("[K24] a failing run is made smaller, down to what the failure needs", async () => {
  for (
    const causes of [["fault 7"], ["fault 0", "fault 39"], ["fault 3", "fault 4", "fault 30"], []]
  ) {
    const shrunk = await shrink({
      run: failingRun(causes),
      isFailure: ({ fails }) => fails,
      offeredBy: ({ offered }) => offered,
      runs: 200,
    });

    assertEquals(shrunk?.needed, causes);
    assertEquals(shrunk?.result.fails, true);
  }
});

Deno.test("[K24] a run that does not fail is not made smaller", async () => {
  const shrunk = await shrink({
    run: failingRun(["something else"]),
    isFailure: ({ fails }) => fails,
    offeredBy: ({ offered }) => offered,
    runs: 200,
  });

  assertEquals(shrunk, undefined);
});
