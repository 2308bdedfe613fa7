import { NO_OTHERS, type OtherWorkers } from "../../server/core/model/others.ts";
import { allocateSessions } from "../../server/core/sessions/shared_sessions.ts";
import { allocateTabs } from "../../server/core/waiting/tab_counts.ts";
import type { Session } from "../../server/core/model/session.ts";
import type { Store } from "../../server/core/model/store.ts";
import { connectToStore, openThreadStore } from "../../server/stores/thread/thread_store.ts";
import { HUB_OPTIONS, TestHub, type TestHubOptions } from "./hub.ts";
import { KEEP_ALL } from "./retention.ts";

/** What two hubs have that are workers of one process. */
export function workerOptions(
  seats = HUB_OPTIONS.waiting.seats,
): (worker: number) => TestHubOptions {
  const tabs = allocateTabs(seats);
  const sessions = allocateSessions();
  return (worker) => ({ worker: { tabs: { worker, ...tabs }, sessions, others: NO_OTHERS } });
}

/** A session at two workers. */
export interface Person {
  readonly left: Session;
  readonly right: Session;
  readonly privateToken: string;
}

/** Two workers of one process, over a store in a thread. The first one can ask the second one. */
export class WorkerHubs implements AsyncDisposable {
  readonly left: TestHub;
  readonly right: TestHub;

  private constructor(left: TestHub, right: TestHub) {
    this.left = left;
    this.right = right;
  }

  static async open(options: TestHubOptions = {}): Promise<WorkerHubs> {
    const first = await openThreadStore({ kind: "memory" }, KEEP_ALL);
    const second: Store = await connectToStore(first.connect());
    const optionsOf = workerOptions(options.waiting?.seats);
    const right = await TestHub.open({ ...options, ...optionsOf(2) }, second);
    const others: OtherWorkers = {
      ask: (name, ...args) =>
        Promise.resolve([Reflect.apply(right.hub.answers[name], undefined, args)]),
    };
    const { worker } = optionsOf(1);
    const left = await TestHub.open(
      { ...options, worker: worker && { ...worker, others } },
      first,
    );
    return new WorkerHubs(left, right);
  }

  /** Signs a guest in at the left worker: its session at each. */
  async signIn(displayName: string): Promise<Person> {
    const { privateToken } = await this.left.hub.signIn(displayName);
    const left = await this.left.hub.sessions.authenticate(privateToken);
    const right = await this.right.hub.sessions.authenticate(privateToken);
    if (left === undefined || right === undefined) throw new Error("The session is unknown");
    return { left, right, privateToken };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.right[Symbol.asyncDispose]();
    await this.left[Symbol.asyncDispose]();
  }
}
