import { assertEquals } from "@std/assert";
import type { Session } from "../../server/core/model/session.ts";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { type WebhookLimits, Webhooks } from "../../server/webhooks/webhooks.ts";
import { TestHub } from "../support/hub.ts";
import { Receiver, SECRET } from "./receiver.ts";

/** A hub in memory that sends webhooks. */
export interface WebhookHub extends AsyncDisposable {
  readonly test: TestHub;
  readonly receiver: Receiver;
  readonly webhooks: Webhooks;
  /** The lines of the log. */
  readonly log: readonly string[];
}

/** Opens a hub that sends webhooks to a receiver. */
export async function openWebhookHub(
  settings: Partial<WebhookSettings>,
  limits: WebhookLimits = { maxTasks: 1_000, timeoutMs: 10_000 },
): Promise<WebhookHub> {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(new Receiver());
  const test = stack.use(await TestHub.open());
  const log: string[] = [];
  const errors: unknown[] = [];
  stack.defer(() => assertEquals(errors, []));
  const logger = {
    write: (level: string, event: string, fields = {}) =>
      log.push(JSON.stringify({ level, event, ...fields })),
  };
  const onError = (error: unknown) => errors.push(error);
  const deps = { store: test.store, hub: test.hub, logger, onError };
  const webhooks = stack.use(await startWebhooks(deps, settings, { receiver, limits }));
  return { test, receiver, webhooks, log, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Starts webhooks to a receiver. */
export async function startWebhooks(
  deps: Parameters<typeof Webhooks.start>[0],
  settings: Partial<WebhookSettings>,
  { receiver, limits }: { readonly receiver: Receiver; readonly limits?: WebhookLimits },
): Promise<Webhooks> {
  const all = { url: receiver.url, secret: SECRET, events: [], undeliveredAfterMs: 60_000 };
  const webhooks = await Webhooks.start(deps, { ...all, ...settings }, limits);
  return webhooks!;
}

/** A tab of a session fetches everything after `cursor`, and acknowledges it with its next poll. */
export async function fetchAll(
  test: TestHub,
  session: Session,
  { tab, cursor }: { tab: string; cursor: string },
): Promise<void> {
  const reply = await test.poll(session, { tab, cursor, hold: 0 });
  await test.poll(session, { tab, cursor: reply.cursor, hold: 0 });
}
