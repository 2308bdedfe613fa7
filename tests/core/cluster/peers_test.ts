import { assert, assertEquals } from "@std/assert";
import type { NodePresence } from "../../../server/core/model/node_event.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

Deno.test("[F5] of very many sessions each is reported once, in events that stay small", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const told: (readonly NodePresence[])[] = [];
  using _ = hub.store.bus.listen((event) => {
    if (event.type === "presence") told.push(event.presences);
  });
  const sessions = await Promise.all(Array.from({ length: 500 }, () => hub.signIn("alice")));

  for (const session of sessions) await hub.poll(session, { hold: 0 });
  await clock.pass(1_000);

  const tokens = told.flat().map(({ person }) => person.publicToken);
  assertEquals(tokens.toSorted(), sessions.map(({ publicToken }) => publicToken).toSorted());
  assert(told.length > 1, `${told.length} events`);
  assert(told.every((presences) => JSON.stringify(presences).length < 40_000));
});
