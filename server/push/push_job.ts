import type { Runtime } from "../base/runtime.ts";
import type { Hub } from "../core/hub/hub.ts";
import { isMessage } from "../core/model/change.ts";
import type { Entry } from "../core/model/message.ts";
import type { Store } from "../core/model/store.ts";
import type { PushDevice } from "../core/sessions/push_devices.ts";
import type { Message } from "../protocol/message.ts";
import { type PushKey, textOf } from "./push_key.ts";
import {
  decide,
  isPersonal,
  type Recipient,
  type RecipientDeps,
  recipientsOf,
} from "./push_recipients.ts";
import type { PushReport } from "./push_report.ts";
import { type Push, sendPush } from "./push_request.ts";
import { Slots } from "./slots.ts";

/** What a job works with. */
export interface PushJobDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "sessions" | "bans" | "receipts" | "presence" | "accounts">;
  readonly report: PushReport;
  readonly key: PushKey;
  readonly contact: string;
  readonly onError: (error: unknown) => void;
  readonly runtime: Runtime;
  readonly times: PushTimes;
}

/** Times in ms. */
export interface PushTimes {
  /** How long a message waits for an open tab before it is pushed. */
  readonly after: number;
  /** How long until it is looked again whether a tab that was open has closed, and for how long. */
  readonly look: number;
  readonly lookFor: number;
  /** The delay before the second attempt, which doubles with each further one. */
  readonly retry: number;
  /** How long an attempt may take. */
  readonly timeout: number;
  /** A message that is older is not pushed. */
  readonly maxAge: number;
}

export const PUSH_TIMES: PushTimes = {
  after: 10_000,
  look: 30_000,
  lookFor: 180_000,
  retry: 5_000,
  timeout: 10_000,
  maxAge: 900_000,
};

/** The name of the offset in the key-value store: the pushes of all messages up to this id are done. */
const OFFSET = "push offset";

const SAVE_INTERVAL = 5_000;

/** Maximum number of messages that may be pushed later. */
const MAX_WAITING = 10_000;

/** Maximum number of requests to push services at the same time. */
const MAX_REQUESTS = 16;

const MAX_ATTEMPTS = 6;

/** For how long in s a push service keeps a push for a device that is away. */
const TTL = 24 * 3_600;

/** Maximum number of characters of a text and of a title: a push has about 4 kB. */
const LENGTH = { text: 200, title: 100 } as const;

/**
 * Follows the log and pushes what concerns a person, unless it is read or delivered within some seconds. Runs on one node.
 * What is not done when it ends is done by the next job, which begins at the stored offset; a push that is sent twice replaces
 * itself on the device, by its topic.
 */
export class PushJob implements AsyncDisposable {
  readonly #deps: PushJobDeps;
  readonly #recipientDeps: RecipientDeps;
  readonly #stop = new AbortController();
  readonly #slots = new Slots(MAX_REQUESTS);
  /** By the ids of the messages, oldest first. */
  readonly #waiting = new Map<number, Promise<void>>();
  #following: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();
  #newest = 0;
  #saved = 0;

  static async start(deps: PushJobDeps): Promise<PushJob> {
    const { store: { log, keyValue } } = deps;
    const newest = await log.newestId();
    const saved = await keyValue.get(OFFSET);
    // The first job begins with what is sent from now on.
    if (saved === undefined) await keyValue.set(OFFSET, String(newest));
    const job = new PushJob(deps);
    const start = Math.max(Math.min(Number(saved ?? newest), newest), newest - MAX_WAITING);
    job.#newest = job.#saved = start;
    job.#following = await log.follow(start, (entries) => job.#follow(entries));
    job.#saving = job.#saveAll();
    return job;
  }

  private constructor(deps: PushJobDeps) {
    const { store, hub: { sessions, bans, receipts, presence } } = deps;
    this.#deps = deps;
    this.#recipientDeps = {
      ...{ log: store.log, sessionStore: store.sessions },
      ...{ sessions, bans, receipts, presence },
    };
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.[Symbol.dispose]();
    // Of those that are not done, which end now.
    const offset = this.#offset;
    this.#stop.abort();
    await Promise.all([this.#saving, ...this.#waiting.values()]);
    await this.#save(offset);
  }

  #follow(entries: readonly Entry[]): void {
    const { runtime, times, report, onError } = this.#deps;
    for (const entry of entries) {
      this.#newest = entry.id;
      if (!isPersonal(entry, this.#recipientDeps)) continue;
      if (runtime.wallNow() - entry.at > times.maxAge) continue;
      if (this.#waiting.size >= MAX_WAITING) {
        report.onDropped();
        continue;
      }
      const done = this.#push(entry).catch(onError).finally(() => this.#waiting.delete(entry.id));
      this.#waiting.set(entry.id, done);
    }
  }

  async #push(message: Message): Promise<void> {
    const { runtime, times } = this.#deps;
    const age = runtime.wallNow() - message.at;
    await runtime.delay(times.after - age, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const recipients = await recipientsOf(message, this.#recipientDeps);
    await Promise.all(recipients.map((recipient) => this.#pushTo(recipient, message)));
  }

  async #pushTo(recipient: Recipient, message: Message): Promise<void> {
    const { accounts: { devices } } = this.#deps.hub;
    const own = await devices.list(recipient.publicToken);
    await Promise.all(own.map((device) => this.#pushToDevice(device, recipient, message)));
  }

  async #pushToDevice(device: PushDevice, recipient: Recipient, message: Message): Promise<void> {
    const { key, runtime, times, report, hub } = this.#deps;
    const { signal } = this.#stop;
    // The service would refuse it. The device subscribes again when the page is opened.
    if (device.serverKey !== key.publicKey) return;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const push = await this.#next(device, recipient, message.id);
      if (push === undefined) return;
      const result = await this.#slots.run(() => sendPush(device, push, this.#request, signal));
      if (result.kind === "sent") return report.onSent();
      if (signal.aborted) return;
      if (result.kind === "gone") {
        return await hub.accounts.devices.remove(recipient.publicToken, device.endpoint);
      }
      report.onFailed(new URL(device.endpoint).host, result.reason);
      if (result.kind === "refused") return;
      const { retryAfterMs = times.retry * 2 ** (attempt - 1) } = result;
      await runtime.delay(Math.min(retryAfterMs, times.maxAge), signal);
    }
  }

  /** The push of a message as it is now; `undefined` if there is none (any more). Waits while a tab is open. */
  async #next(
    device: PushDevice,
    recipient: Recipient,
    id: number,
  ): Promise<Push | undefined> {
    const { store: { log }, runtime, times } = this.#deps;
    const since = runtime.monotonicNow();
    while (!this.#stop.signal.aborted && runtime.msSince(since) <= times.lookFor) {
      const message = await log.get(id);
      if (!message || !isMessage(message) || message.deletedAt) return undefined;
      const decision = await decide(recipient, message, this.#recipientDeps);
      if (decision === "none") return undefined;
      if (decision !== "wait") {
        const hasContents = device.contents && decision === "with_contents";
        return await pushOf(contentOf(message, hasContents), { recipient, message });
      }
      await runtime.delay(times.look, this.#stop.signal);
    }
  }

  get #request() {
    const { key, contact, runtime, times } = this.#deps;
    return { key, contact, runtime, timeoutMs: times.timeout };
  }

  /** All messages up to here are done. */
  get #offset(): number {
    const [oldest] = this.#waiting.keys();
    return oldest === undefined ? this.#newest : oldest - 1;
  }

  async #saveAll(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#deps.runtime.delay(SAVE_INTERVAL, signal);
      if (!signal.aborted) await this.#save(this.#offset);
    }
  }

  async #save(offset: number): Promise<void> {
    if (offset === this.#saved) return;
    try {
      await this.#deps.store.keyValue.set(OFFSET, String(offset));
      this.#saved = offset;
    } catch (error) {
      this.#deps.onError(error);
    }
  }
}

/** What a device gets, as JSON. */
function contentOf(message: Message, hasContents: boolean): unknown {
  const { id, channel, at, from, as, title, files } = message;
  const text = message.text ?? files?.map(({ name }) => `📎 ${name}`).join(", ");
  const head = { type: "message", channel, id, at };
  if (!hasContents) return head;
  const name = (from ?? as)?.displayName;
  return {
    ...head,
    ...(name !== undefined && { from: name }),
    ...(title !== undefined && { title: shortened(title, LENGTH.title) }),
    ...(text !== undefined && { text: shortened(text, LENGTH.text) }),
  };
}

async function pushOf(
  content: unknown,
  { recipient, message: { channel } }: {
    readonly recipient: Recipient;
    readonly message: Message;
  },
): Promise<Push> {
  const name = new TextEncoder().encode(`${recipient.publicToken} ${channel}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  const urgency = channel.startsWith("notice") ? "normal" : "high";
  return { content, topic: textOf(digest.slice(0, 18)), ttl: TTL, urgency };
}

function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length ? `${characters.slice(0, length).join("")}…` : text;
}
