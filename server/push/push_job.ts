import type { Runtime } from "../base/runtime.ts";
import type { Hub } from "../core/hub/hub.ts";
import { isMessage } from "../core/model/change.ts";
import type { Entry } from "../core/model/message.ts";
import type { Store } from "../core/model/store.ts";
import { isPushEndpoint, type PushDevice, pushServiceOf } from "../core/sessions/push_devices.ts";
import type { Message } from "../protocol/message.ts";
import { forEveryone } from "./everyone.ts";
import type { MessageProgress } from "./message_progress.ts";
import { pushOf } from "./push_content.ts";
import type { PushKey, PushKeys } from "./push_key.ts";
import { PushProgress } from "./push_progress.ts";
import {
  decide,
  isForEveryone,
  isPersonal,
  type PushDecision,
  type Recipient,
  type RecipientDeps,
  recipientsOf,
} from "./push_recipients.ts";
import type { PushReport } from "./push_report.ts";
import { type Push, type PushResult, sendPush } from "./push_request.ts";
import type { PushSettings } from "./push_settings.ts";
import { NamedSlots, Slots } from "./slots.ts";

/** What a job works with. */
export interface PushJobDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "sessions" | "bans" | "receipts" | "presence" | "accounts">;
  readonly report: PushReport;
  readonly keys: Pick<PushKeys, "find">;
  readonly contact: string;
  readonly hosts: PushSettings["hosts"];
  readonly notices: PushSettings["notices"];
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

/** In ms: after a crash, what was pushed in this time is pushed again. */
const SAVE_INTERVAL = 1_000;

/** For how long in ms a stop waits for the requests in progress: so their result is known. */
const STOP_TIMEOUT = 2_000;

/** Maximum number of messages that may be pushed later. */
const MAX_WAITING = 10_000;

/** Maximum number of requests to a push service at the same time: one that does not answer delays no other. */
const MAX_REQUESTS = 16;

/** Maximum number of messages of an earlier job that are read at the same time. */
const MAX_READS = 50;

const MAX_ATTEMPTS = 6;

/**
 * Follows the log and pushes what concerns a person, unless it is read or delivered within some seconds. Runs on one node.
 * What is not done when it ends is done by the next job; a push that is sent twice replaces itself on the device, by its
 * topic.
 */
export class PushJob implements AsyncDisposable {
  readonly #deps: PushJobDeps;
  readonly #recipientDeps: RecipientDeps;
  readonly #stop = new AbortController();
  /** Aborts the requests in progress. */
  readonly #cut = new AbortController();
  readonly #requests = new NamedSlots(MAX_REQUESTS);
  readonly #reads = new Slots(MAX_READS);
  /** By the ids of the messages. */
  readonly #waiting = new Map<number, Promise<void>>();
  #following: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();
  readonly #progress: PushProgress;
  #newest: number;

  static async start(deps: PushJobDeps): Promise<PushJob> {
    const { store: { log, keyValue } } = deps;
    const newest = await log.newestId();
    const progress = await PushProgress.load(keyValue, newest);
    const start = Math.max(progress.newest, newest - MAX_WAITING);
    const job = new PushJob(deps, progress, start);
    for (const id of progress.ids) job.#begin(id, job.#resume(id));
    job.#following = await log.follow(start, (entries) => job.#follow(entries));
    job.#saving = job.#saveAll();
    return job;
  }

  private constructor(deps: PushJobDeps, progress: PushProgress, start: number) {
    const { store, hub: { sessions, bans, receipts, presence } } = deps;
    this.#deps = deps;
    this.#progress = progress;
    this.#newest = start;
    this.#recipientDeps = {
      ...{ log: store.log, sessionStore: store.sessions },
      ...{ sessions, bans, receipts, presence },
    };
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { runtime } = this.#deps;
    this.#following?.[Symbol.dispose]();
    this.#stop.abort();
    const timer = runtime.setTimeout(() => this.#cut.abort(), STOP_TIMEOUT);
    await Promise.all([this.#saving, ...this.#waiting.values()]);
    runtime.clearTimeout(timer);
    await this.#save();
  }

  #follow(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#newest = entry.id;
      if (this.#progress.has(entry.id) || !this.#isPushed(entry)) continue;
      if (this.#waiting.size >= MAX_WAITING) this.#deps.report.onDropped();
      else this.#begin(entry.id, this.#push(entry));
    }
  }

  #begin(id: number, pushing: Promise<void>): void {
    const ended = pushing.catch(this.#deps.onError).finally(() => {
      this.#waiting.delete(id);
      if (!this.#stop.signal.aborted) this.#progress.end(id);
    });
    this.#waiting.set(id, ended);
  }

  /** Pushes what an earlier job has not done. */
  async #resume(id: number): Promise<void> {
    const entry = await this.#reads.run(() => this.#deps.store.log.get(id));
    if (entry && this.#isPushed(entry)) await this.#push(entry);
  }

  #isPushed(entry: Entry): entry is Message {
    const isMeant = isPersonal(entry, this.#recipientDeps) ||
      this.#deps.notices === "all" && isForEveryone(entry);
    return isMeant && !this.#isTooOld(entry);
  }

  async #push(message: Message): Promise<void> {
    const { runtime, times: { after, look, lookFor }, onError } = this.#deps;
    const progress = this.#progress.begin(message.id);
    const { signal: stop } = this.#stop;
    // The clock may have been set back, or that of the node that stored the message may be ahead.
    await runtime.delay(Math.min(after, after - (runtime.wallNow() - message.at)), stop);
    if (stop.aborted) return;
    await forEveryone(
      this.#recipients(message, progress),
      (recipient) => this.#pushTo(recipient, message, progress),
      { runtime, look, lookFor, onError, stop },
    );
  }

  /** Those who are not done, in the order of their public tokens; of many, first those whom an earlier job has begun. */
  async *#recipients(message: Message, progress: MessageProgress): AsyncGenerator<Recipient> {
    const { cursor } = progress;
    const begun = new Set(progress.people.keys());
    if (isForEveryone(message)) {
      for (const publicToken of begun) yield { publicToken, isMeant: false };
      for await (const publicToken of this.#deps.hub.accounts.devices.people.all(cursor)) {
        if (!begun.has(publicToken)) yield { publicToken, isMeant: false };
      }
    } else {
      const recipients = await recipientsOf(message, this.#recipientDeps);
      yield* recipients.filter(({ publicToken }) => begun.has(publicToken) || publicToken > cursor);
    }
    progress.endPeople();
  }

  async #pushTo(
    recipient: Recipient,
    message: Message,
    progress: MessageProgress,
  ): Promise<"done" | "later"> {
    const { publicToken } = recipient;
    progress.begin(publicToken);
    // Many do not wait for those with an open tab.
    const decision = isForEveryone(message) && await this.#decide(recipient, message);
    if (decision === "wait") return "later";
    const own = decision === "none" ? [] : await this.#deps.hub.accounts.devices.list(publicToken);
    await Promise.all(
      progress.beginDevices(publicToken, own).map(async (device) => {
        const isDone = await this.#pushToDevice(device, recipient, message.id);
        if (isDone) progress.endDevice(publicToken, device);
      }),
    );
    if (!this.#stop.signal.aborted) progress.end(publicToken);
    return "done";
  }

  /** Returns whether nothing is left to do, unless this job ends before. */
  async #pushToDevice(device: PushDevice, recipient: Recipient, id: number): Promise<boolean> {
    const { keys, hosts, runtime, times, report, hub } = this.#deps;
    const { signal } = this.#stop;
    // The settings may have changed since the device was added.
    if (!isPushEndpoint(device.endpoint, hosts)) return true;
    const service = pushServiceOf(device.endpoint);
    const key = await keys.find(device.serverKey);
    // The service would refuse any other. The device subscribes again when the page is opened.
    if (!key) return true;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const push = await this.#next(device, recipient, id);
      if (push === undefined) return !signal.aborted;
      const result = await this.#requests.run(service, () => this.#send(device, push, key));
      if (result?.kind === "sent") report.onSent();
      else if (result?.kind === "gone") {
        await hub.accounts.devices.remove(recipient.publicToken, device.endpoint);
      }
      if (result?.kind === "sent" || result?.kind === "gone") return true;
      if (result === undefined || signal.aborted) return false;
      report.onFailed(new URL(device.endpoint).host, result.reason);
      if (result.kind === "refused") return true;
      const { retryAfterMs = times.retry * 2 ** (attempt - 1) } = result;
      await runtime.delay(Math.min(retryAfterMs, times.maxAge), signal);
    }
    return !signal.aborted;
  }

  /** Returns `undefined` if this job ends: requests that have begun go on for a moment. */
  async #send(device: PushDevice, push: Push, key: PushKey): Promise<PushResult | undefined> {
    if (this.#stop.signal.aborted) return undefined;
    const { contact, runtime, times: { timeout: timeoutMs } } = this.#deps;
    const options = { key, contact, runtime, timeoutMs };
    return await sendPush(device, push, options, this.#cut.signal);
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
      const decision = await this.#decide(recipient, message);
      if (decision === "none") return undefined;
      if (decision !== "wait") {
        const hasContents = device.contents && decision === "with_contents";
        return await pushOf(message, { publicToken: recipient.publicToken, hasContents });
      }
      await runtime.delay(times.look, this.#stop.signal);
    }
  }

  async #decide(recipient: Recipient, message: Message): Promise<PushDecision> {
    return this.#isTooOld(message) ? "none" : await decide(recipient, message, this.#recipientDeps);
  }

  #isTooOld({ at }: Entry): boolean {
    const { runtime, times } = this.#deps;
    return runtime.wallNow() - at > times.maxAge;
  }

  async #saveAll(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#deps.runtime.delay(SAVE_INTERVAL, signal);
      if (!signal.aborted && this.#progress.isChanged) await this.#save();
    }
  }

  async #save(): Promise<void> {
    try {
      await this.#progress.save(this.#newest);
    } catch (error) {
      this.#deps.onError(error);
    }
  }
}
