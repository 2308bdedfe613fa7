import type { Erasure } from "../../../server/protocol/admin_replies.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import type { StoppedClock } from "../../support/clock.ts";
import type { TestHub } from "../../support/hub.ts";

/** Starts the job of a hub. */
export function startJob({ hub }: TestHub, done: Erasure[] = []): AsyncDisposable {
  const onError = (error: unknown) => {
    throw error;
  };
  return hub.erasures.startJob({ onDone: (erasure) => void done.push(erasure), onError });
}

/** Lets the time pass in which an erasure is done. The store needs turns of the event loop between the portions. */
export async function finish({ hub }: TestHub, clock: StoppedClock, id: string): Promise<Erasure> {
  for (let n = 0; n < 1_000; n++) {
    await clock.pass(25);
    const erasure = await hub.erasures.get(id);
    if (erasure.state === "done") return erasure;
  }
  throw new Error("The erasure is not done");
}

/** Erases a session, until that is done. */
export async function erase(test: TestHub, clock: StoppedClock, { publicToken }: Session) {
  await test.hub.erasures.eraseSession(publicToken);
  return await finish(test, clock, publicToken);
}

/** Everything that the log of a hub returns. */
export async function everything({ store: { log } }: TestHub): Promise<string> {
  const entries = await log.scan(0, 10_000);
  return JSON.stringify([entries, await Promise.all(entries.map(({ id }) => log.get(id)))]);
}

export async function refusalOf(promise: () => Promise<unknown>) {
  return (await assertRejects(promise, Refused)).refusal;
}
