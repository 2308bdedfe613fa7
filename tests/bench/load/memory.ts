import { cpuSeconds, residentBytes } from "../process_usage.ts";
import { Crowd } from "./crowd.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";
import type { Scenario, Target } from "./scenario.ts";

const READERS = 10_000;
/** How long the server is left alone before its memory is read. */
const SETTLE = 3_000;
/** The server is idle when in so many milliseconds it used less than two ticks of CPU. */
const IDLE = 250;

/** What a parked poll costs in memory, and how long it takes until all are parked. */
export const memory: Scenario = ({ loop, serverPid }) => {
  const sessions = signIn(loop, READERS);
  loop.runFor(SETTLE);
  const base = residentBytes(serverPid);

  const start = performance.now();
  const crowd = new Crowd(loop, sessions, { channels: ["room:tea"], onDelivery: () => {} });
  const parked = becameIdle({ loop, serverPid });
  loop.runFor(SETTLE);
  const full = residentBytes(serverPid);

  proveParked({ loop, serverPid }, crowd, sessions[0]!.privateToken);
  return [
    { figure: "memory.poll", value: (full - base) / READERS / 1000 },
    { figure: "memory.total", value: full / 1e6 },
    { figure: "memory.park", value: parked - start },
  ];
};

/** The time at which the server had nothing more to do. */
function becameIdle({ loop, serverPid }: Target): number {
  let idleSince = performance.now();
  let used = cpuSeconds(serverPid);
  loop.runUntil(
    () => {
      const now = cpuSeconds(serverPid);
      // One tick in the time is its background jobs, not polls that it still parks.
      if (now - used > 0.011) [idleSince, used] = [performance.now(), now];
      return performance.now() - idleSince > IDLE;
    },
    30_000,
    "parking the polls",
  );
  return idleSince;
}

/** One message must reach every reader: else something was measured that is no parked poll. */
function proveParked({ loop }: Target, crowd: Crowd, token: string): void {
  new Sender(loop, token).send(numbered("room:tea", 0));
  loop.runUntil(() => crowd.deliveries === READERS, 15_000, "waking all the parked polls");
}
