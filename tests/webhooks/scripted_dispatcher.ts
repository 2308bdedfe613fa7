import { DeliveryQueue } from "../../server/webhooks/delivery_queue.ts";
import { Dispatcher, type Outcome } from "../../server/webhooks/dispatcher.ts";
import type { WebhookTask } from "../../server/webhooks/webhook_task.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { settle } from "../support/clock.ts";
import { KEEP_ALL } from "../support/retention.ts";

/** The outcome of the n-th attempt (from 1) of the task of a message. */
type Script = (id: number, n: number) => Outcome | Promise<Outcome>;

/** Opens a dispatcher whose tasks have scripted outcomes. */
export async function openDispatcher(script: Script, limit = 1_000) {
  const stack = new AsyncDisposableStack();
  const store = stack.use(SqliteStore.open(IN_MEMORY, KEEP_ALL));
  const seen = {
    /** The attempts, with their times in ms after the start. */
    tries: [] as (readonly [id: number, at: number])[],
    inProgress: 0,
    maxInProgress: 0,
    givenUp: [] as number[],
    dropped: 0,
    errors: [] as unknown[],
  };
  const start = Date.now();
  const queue = await DeliveryQueue.open(store.queue, {
    limit,
    onDropped: (n) => seen.dropped += n,
  });
  const deps = {
    queue,
    execute: async (task: WebhookTask) => {
      const id = "id" in task ? task.id : 0;
      seen.tries.push([id, Date.now() - start]);
      seen.maxInProgress = Math.max(seen.maxInProgress, ++seen.inProgress);
      const outcome = await script(id, seen.tries.filter(([other]) => other === id).length);
      seen.inProgress--;
      return outcome;
    },
    onSent: () => {},
    onFailed: () => {},
    onGivenUp: ({ tries }: { tries: number }) => seen.givenUp.push(tries),
    onError: (error: unknown) => seen.errors.push(error),
  };
  const dispatcher = stack.use(new Dispatcher(deps));
  const add = async (...ids: number[]) => {
    const at = Date.now();
    const tasks = ids.map((id) => ({ due: at, task: { type: "message", id, at } as const }));
    const added = queue.add(tasks);
    await settle();
    await added;
    dispatcher.wake();
    await settle();
  };
  const dispose = () => stack.disposeAsync();
  return { ...seen, seen, store, queue, dispatcher, add, [Symbol.asyncDispose]: dispose };
}
