import { assertEquals } from "@std/assert";
import { DEVICE_EVENTS } from "./client/device_events.ts";
import { NETWORK_FAULTS } from "./client/network_faults.ts";
import { Coverage } from "./coverage.ts";
import { run } from "./run.ts";
import { EVENT_FAULTS } from "./server/receiver.ts";

/** Each of these faults must meet each of these phases. */
const WANTED = [
  { faults: Object.keys(DEVICE_EVENTS), phases: ["connected", "connecting", "sending"] },
  { faults: Object.keys(DEVICE_EVENTS), phases: ["several tabs"] },
  { faults: NETWORK_FAULTS, phases: ["/api/poll", "/api/messages", "/api/session"] },
  {
    faults: ["kill", "stop", "starve", "set clock", "full disk", "failing disk"],
    phases: ["polls parked"],
  },
  { faults: ["kill", "stop", "starve"], phases: ["several workers"] },
  { faults: EVENT_FAULTS, phases: ["webhook message"] },
  { faults: ["replyTo", "mentions"], phases: ["stored", "refused"] },
  { faults: ["token expires"], phases: ["/api/poll", "/api/messages", "of a tab"] },
  { faults: ["visitor's room"], phases: ["answered", "unanswered", "closed to others"] },
  { faults: ["reaction"], phases: ["made", "taken back"] },
] as const;

Deno.test("[K25] in 50 simulated runs, every fault meets every phase that matters", async () => {
  const coverage = new Coverage();

  for (let seed = 1; seed <= 50; seed++) {
    coverage.addAll((await run({ seed })).coverage.toJSON());
  }

  const missing = WANTED.flatMap(({ faults, phases }) =>
    faults.flatMap((fault) =>
      phases.filter((phase) => coverage.count(fault, phase) === 0)
        .map((phase) => `${fault}: ${phase}`)
    )
  );
  assertEquals(missing, [], coverage.format());
});
