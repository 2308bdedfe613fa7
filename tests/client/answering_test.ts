import { assertEquals } from "@std/assert";
import type { Message } from "../../client/comet/halley.ts";
import { answeringIn } from "../../client/widget/more/subtitle.tsx";

Deno.test("[T39] who answers is the sender of the first claim after the last release or close", () => {
  const of = (...events: readonly (readonly [string, Message["event"]?])[]) =>
    answeringIn(events.map(([displayName, event], id) => ({
      id,
      channel: "room:support-cYc8Dlk16xzi2wVZ",
      from: { publicToken: displayName, displayName },
      text: "hello",
      at: 0,
      ...(event && { event }),
    })));

  assertEquals(of(["alice"]), undefined);
  assertEquals(of(["alice"], ["bob", "claimed"], ["carol", "claimed"], ["alice"]), "bob");
  assertEquals(of(["bob", "claimed"], ["bob", "released"]), undefined);
  assertEquals(of(["bob", "claimed"], ["bob", "released"], ["carol", "claimed"]), "carol");
  assertEquals(of(["bob", "claimed"], ["carol", "closed"]), undefined);
});
