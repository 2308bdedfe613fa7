import { cpuSeconds, residentBytes } from "../process_usage.ts";
import { Readers } from "./readers.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";
import type { Scenario, Target } from "./scenario.ts";

const READERS = 10_000;
/** How long (ms) the server is idle before its memory is measured. */
const SETTLE = 3_000;
/** The server is idle if it has used less than two CPU ticks in this time (ms). */
const IDLE = 250;

/** Measures the memory per parked poll, and the time until all are parked. */
export const memory: Scenario = ({ loop, serverPid }) => {
  const sessions = signIn(loop, READERS);
  loop.runFor(SETTLE);
  const base = residentBytes(serverPid);

  const start = performance.now();
  const group = new Readers(loop, sessions, { channels: ["room:tea"], onDelivery: () => {} });
  const parked = waitUntilIdle({ loop, serverPid });
  loop.runFor(SETTLE);
  const full = residentBytes(serverPid);

  verifyParked({ loop, serverPid }, group, sessions[0]!.privateToken);
  return [
    { metric: "memory.poll", value: (full - base) / READERS / 1000 },
    { metric: "memory.total", value: full / 1e6 },
    { metric: "memory.park", value: parked - start },
  ];
};

/** Waits until the server is idle. Returns the time since when it has been. */
function waitUntilIdle({ loop, serverPid }: Target): number {
  let idleSince = performance.now();
  let used = cpuSeconds(serverPid);
  loop.runUntil(
    () => {
      const now = cpuSeconds(serverPid);
      // One tick is caused by background jobs, not by polls that are being parked.
      if (now - used > 0.011) [idleSince, used] = [performance.now(), now];
      return performance.now() - idleSince > IDLE;
    },
    30_000,
    "parking the polls",
  );
  return idleSince;
}

/** Verifies that all polls are parked: one message must reach every reader. */
function verifyParked({ loop }: Target, group: Readers, token: string): void {
  new Sender(loop, token).send(numbered("room:tea", 0));
  loop.runUntil(() => group.deliveries === READERS, 15_000, "waking all the parked polls");
}
