import type { Json, Message, Person } from "../protocol/message.ts";
import { type Receipts, recipientOf } from "../core/conversations/receipts.ts";
import { visitorOf } from "../core/model/rights.ts";
import type { Sessions } from "../core/sessions/sessions.ts";
import type { UserIds } from "../core/sessions/user_ids.ts";
import type { PresenceState } from "../protocol/signal.ts";
import type { MessageLog } from "../core/model/store.ts";
import { contactIn, isFirstUnanswered } from "./visitor_rooms.ts";
import type { WebhookTask } from "./webhook_task.ts";

/**
 * An event as it is sent to the receiver, as JSON. `event` is its id, the same in each attempt; `at` is when it happened:
 * Unix time in ms.
 */
export type WebhookEvent =
  | {
    readonly type: "message" | "edited" | "deleted";
    readonly event: string;
    readonly at: number;
    readonly message: Message;
  }
  | {
    readonly type: "delivered" | "undelivered";
    readonly event: string;
    readonly at: number;
    readonly message: Message;
    readonly recipient: Recipient;
    /** The tab that received it; absent if unknown. */
    readonly tab?: string;
    /** What the visitor has left, if the message is in the room of one. */
    readonly contact?: Json;
  }
  | {
    readonly type: "unanswered";
    readonly event: string;
    readonly at: number;
    /** The first message of the visitor that nobody has answered. */
    readonly message: Message;
    readonly visitor: Recipient;
    readonly contact?: Json;
  }
  | {
    readonly type: "presence";
    readonly event: string;
    readonly at: number;
    readonly channel: string;
    readonly from: Person;
    readonly state: PresenceState;
  };

/** The session that a message is for. A guest has no user id; one that has ended, or was never there, has no name. */
export interface Recipient {
  readonly publicToken: string;
  readonly displayName?: string;
  readonly userId?: string;
}

/** Where the content of events is read from. */
export interface EventDeps {
  readonly log: MessageLog;
  readonly receipts: Receipts;
  readonly sessions: Sessions;
  readonly userIds: UserIds;
}

/**
 * Builds the event of a task. Returns `undefined` if there is nothing to send (any more), and `removed` if the log has
 * removed the message; `undelivered` is then sent without its content.
 */
export async function eventOf(
  task: Exclude<WebhookTask, { type: "receipt" }>,
  { log, receipts, sessions, userIds }: EventDeps,
): Promise<WebhookEvent | "removed" | undefined> {
  if (task.type === "presence") {
    const { type, event, at, channel, from, state } = task;
    return { type, event, at, channel, from: await userIds.identify(from), state };
  }
  const { type, id, at } = task;
  const entry = await log.get("of" in task ? task.of : id);
  // What was deleted before an event of it could be sent is told by `deleted` alone.
  if (entry && (entry.deletedAt !== undefined) !== (type === "deleted")) return undefined;
  const stored = entry ?? (task.type === "undelivered" ? task.head : undefined);
  if (stored === undefined) return "removed";
  const [message = stored] = await userIds.identifySenders([stored]);
  // A message is deleted once, whichever change says so.
  const event = `${log.epoch}.${type}.${type === "deleted" ? message.id : id}`;
  if (type === "message" || type === "edited" || type === "deleted") {
    return { type, event, at, message };
  }
  const visitor = visitorOf(sessions.guestRights, message.channel);
  const publicToken = visitor ?? recipientOf(message);
  if (publicToken === undefined) return undefined;
  if (type === "undelivered" && await receipts.stateOf(publicToken, message) !== "waiting") {
    return undefined;
  }
  if (type === "unanswered" && !await isFirstUnanswered(log, message, publicToken)) {
    return undefined;
  }
  const { displayName } = await sessions.find(publicToken) ?? {};
  const userId = await userIds.find(publicToken);
  const recipient = {
    publicToken,
    ...(displayName !== undefined && { displayName }),
    ...(userId !== undefined && { userId }),
  };
  const contact = visitor === undefined
    ? undefined
    : await contactIn(log, message.channel, visitor);
  const left = contact === undefined ? {} : { contact };
  if (type === "unanswered") return { type, event, at, message, visitor: recipient, ...left };
  const tab = type === "delivered" && task.tab !== "" ? { tab: task.tab } : {};
  return { type, event, at, message, recipient, ...tab, ...left };
}
