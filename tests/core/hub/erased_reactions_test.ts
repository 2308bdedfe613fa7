import { assertEquals } from "@std/assert";
import { stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";
import { erase, everything, startJob } from "./erasing.ts";

Deno.test("[D53] the reactions of a person who is erased are removed from the messages of others", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  await test.say(bob, "room:tea", "one");
  await test.say(bob, "room:tea", "two");
  for (const emoji of ["👍", "🎉"]) await test.hub.react(alice, 1, { emoji, on: true });
  await test.hub.react(bob, 1, { emoji: "🎉", on: true });
  await test.hub.change(bob, 1, { text: "uno" });

  const { erased } = await erase(test, clock, alice);

  assertEquals(erased, 0);
  assertEquals((await everything(test)).includes(alice.publicToken), false);
  const message = await test.store.log.get(1);
  assertEquals([message?.text, message?.reactions], ["uno", [
    { emoji: "🎉", by: [bob.publicToken] },
  ]]);
});
