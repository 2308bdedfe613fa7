import { assertEquals } from "@std/assert";
import type { Session } from "../../server/core/model/session.ts";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { WebhookJob } from "../../server/webhooks/webhook_job.ts";
import { TestHub } from "../support/hub.ts";
import { Receiver, SECRET } from "./receiver.ts";

/** A hub over a store in memory that tells a receiver what happens. */
export interface TellingHub extends AsyncDisposable {
  readonly test: TestHub;
  readonly receiver: Receiver;
  readonly webhooks: WebhookJob;
  /** What an operator would have read. */
  readonly told: readonly string[];
}

/** Opens a hub that tells its receiver of some events, within bounds that a test can wait for. */
export async function tellingHub(
  settings: Partial<WebhookSettings>,
  bounds = { waiting: 1_000, patience: 10_000 },
): Promise<TellingHub> {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(new Receiver());
  const test = stack.use(await TestHub.open());
  const told: string[] = [];
  const errors: unknown[] = [];
  stack.defer(() => assertEquals(errors, []));
  const parts = {
    store: test.store,
    hub: test.hub,
    tell: (level: string, event: string, fields: object) =>
      told.push(JSON.stringify({ level, event, ...fields })),
    onError: (error: unknown) => errors.push(error),
  };
  const all = { url: receiver.url, secret: SECRET, events: [], undeliveredAfter: 60_000 };
  const webhooks = stack.use(await WebhookJob.start(parts, { ...all, ...settings }, bounds));
  return { test, receiver, webhooks, told, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A tab of a session gets what has come since `cursor`, and says so with its next poll. */
export async function fetchAll(
  test: TestHub,
  session: Session,
  { tab, cursor }: { tab: string; cursor: string },
): Promise<void> {
  const reply = await test.poll(session, { tab, cursor, hold: 0 });
  await test.poll(session, { tab, cursor: reply.cursor, hold: 0 });
}
