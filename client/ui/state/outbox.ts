import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ServerSettings } from "../../../server/protocol/replies.ts";
import { LinkedAbortController } from "../../comet/abort.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import type { CometClient, Message } from "../../comet/halley.ts";
import { watchPage } from "../../comet/page_lifecycle.ts";
import type { OnPlatform, Platform } from "../../comet/platform.ts";
import { randomKeyFrom } from "../../comet/random_key.ts";
import { logRefusal } from "../i18n/refusals.ts";
import {
  isMessage,
  type OutboxMessage,
  type OutboxProblem,
  type OutboxStore,
  type References,
} from "../storage/outbox_store.ts";
import type { Journal } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";

export type { References };

/** An own message that the server has not confirmed. */
export interface PendingMessage extends OutboxMessage {
  /**
   * - `waiting`: it is sent as soon as possible.
   * - `arrived`: a poll has brought the message before the reply to its send, so the history shows it.
   * - `failed`: the server has rejected it; the user can send it again.
   * - `old`: the server may have forgotten its key, so it might be appended twice; the user can send it all the same.
   */
  readonly state: "waiting" | "arrived" | "failed" | "old";
}

export interface OutboxDeps extends OnPlatform {
  readonly client: CometClient;
  readonly store: Promise<OutboxStore>;
  /** What is not in the store yet, by key: a page that is left at once leaves it to the next one. */
  readonly journal: StoredValue<Journal>;
  readonly settings: ReadonlySignal<ServerSettings>;
  /** Called with the message when the server has appended it. */
  readonly onSent: (message: Message) => void;
}

/** A message is not sent when its key expires within this time in ms, which a request may take. */
const EXPIRY_MARGIN = 60_000;

/** Maximum number of messages that wait. */
const MAX_PENDING = 1_000;

/**
 * Sends the messages of a session: those of a channel one after the other, each exactly once, by one tab at a time.
 * Messages are stored first, so that those of an earlier page or another tab are sent too.
 */
export class Outbox implements Disposable {
  /** In the order in which they were written. */
  readonly pending = signal<readonly PendingMessage[]>([]);
  readonly isFull = computed(() => this.pending.value.length >= MAX_PENDING);
  readonly deps: OutboxDeps;
  readonly #platform: Platform;
  readonly #page: Disposable;
  readonly #aborter = new AbortController();
  /** Aborts when nothing more is to be sent. */
  readonly end = this.#aborter.signal;
  /** Channels that this tab is sending to. */
  readonly #sending = new Set<string>();
  /** Entries that are being stored, and (`undefined`) those that cannot be stored. */
  readonly #unsaved = new Map<string, Promise<void> | undefined>();

  constructor(deps: OutboxDeps) {
    this.deps = deps;
    this.#platform = deps.platform ?? globalThis;
    const load = () => this.#load();
    this.#use((store) => store.onChange = load);
    // A tab that was closed, or whose news this page missed, may have left messages.
    this.#page = watchPage(this.#platform, {
      onNetwork: load,
      onVisibility: load,
      onLeave: () => {},
      onReturn: load,
    });
    this.#adopt();
    load();
  }

  /** The messages of a channel. */
  in(channel: string): readonly PendingMessage[] {
    return this.pending.value.filter((message) => message.channel === channel);
  }

  /** Returns false if the outbox is full. */
  send(channel: string, text: string, references?: References): boolean {
    if (this.isFull.value) return false;
    this.#adopt();
    this.#add({
      key: randomKeyFrom(this.#platform),
      channel,
      text,
      references,
      at: this.#platform.Date.now(),
    });
    return true;
  }

  /** Sends a failed or old message again. The key stays the same: if the server knows it, nothing is appended. */
  retry({ state: _, problem: __, ...message }: PendingMessage): void {
    const entry = { ...message, at: this.#platform.Date.now() };
    this.#replace({ ...entry, state: "waiting" });
    this.#save(entry);
  }

  discard({ key }: PendingMessage): void {
    this.#remove(key);
    this.#unstore(key);
  }

  /** A poll has brought an own message: the oldest waiting message with the same text needs not be shown any more. */
  markArrived({ channel, text }: Message): void {
    const arrived = this.pending.value.find((pending) =>
      pending.state === "waiting" && pending.channel === channel && pending.text === text
    );
    if (arrived) this.#replace({ ...arrived, state: "arrived" });
  }

  /** Stops sending. Unsent messages stay in the store. */
  [Symbol.dispose](): void {
    this.#aborter.abort();
    this.#page[Symbol.dispose]();
    this.#use((store) => store[Symbol.dispose]());
  }

  /** Merges the stored messages, from an earlier page or another tab, with those of this page. */
  async #load(): Promise<void> {
    const before = new Map(this.pending.peek().map((message) => [message.key, message]));
    for (const key of this.#unsaved.keys()) before.delete(key);
    const saved = (await this.#use((store) => store.list()))?.filter(isMessage);
    if (!saved || this.end.aborted) return;
    const here = new Map(this.pending.peek().map((message) => [message.key, message]));
    // What was added, changed or removed here during the request is newer than its result.
    const isNewer = (key: string) => here.get(key) !== before.get(key);
    const messages = saved.flatMap((entry) => {
      const message = here.get(entry.key);
      return isNewer(entry.key) ? message ?? [] : this.#toPending(entry, message);
    });
    const keys = new Set(saved.map(({ key }) => key));
    const added = [...here.values()].filter(({ key }) => !keys.has(key) && isNewer(key));
    this.pending.value = [...messages, ...added];
    for (const channel of new Set(saved.map(({ channel }) => channel))) this.#sendAll(channel);
  }

  /** Takes over what another tab has not stored yet: it was written before, and that tab may have been closed. */
  #adopt(): void {
    for (const entry of Object.values(this.deps.journal.read() ?? {})) {
      if (!isMessage(entry)) continue;
      if (!this.in(entry.channel).some(({ key }) => key === entry.key)) this.#add(entry);
    }
  }

  #add(entry: OutboxMessage): void {
    this.pending.value = [...this.pending.value, this.#toPending(entry)];
    this.#save(entry);
  }

  async #save(entry: OutboxMessage): Promise<void> {
    this.#note(entry.key, entry);
    // A message that cannot be stored is sent all the same.
    const saving = this.deps.store.then((store) => store.put(entry)).then(
      () => this.#setSaved(entry.key),
      () => void this.#unsaved.set(entry.key, undefined),
    );
    this.#unsaved.set(entry.key, saving);
    await saving;
    this.#sendAll(entry.channel);
  }

  async #sendAll(channel: string): Promise<void> {
    if (this.#sending.has(channel) || !this.#next(channel)) return;
    this.#sending.add(channel);
    try {
      await (await this.deps.store).exclusively(channel, async () => {
        while (true) {
          // Another tab may have written an earlier message, or have sent or discarded the next one.
          await this.#load();
          const next = this.#next(channel);
          if (!next) return;
          await (this.#unsaved.get(next.key) ?? this.#sendOne(next));
        }
      });
    } finally {
      this.#sending.delete(channel);
    }
    this.#sendAll(channel);
  }

  #next(channel: string): PendingMessage | undefined {
    if (this.end.aborted) return undefined;
    return this.pending.value.find((pending) =>
      pending.channel === channel && (pending.state === "waiting" || pending.state === "arrived")
    );
  }

  async #sendOne(message: PendingMessage): Promise<void> {
    const { key, channel, text, references, at } = message;
    if (this.#isOld(message)) return this.#replace({ ...message, state: "old" });
    const aborter = new LinkedAbortController(this.end);
    const { signal } = aborter;
    // It is sent no more when any tab has discarded it.
    const stop = effect(() => {
      if (!this.pending.value.some((one) => one.key === key)) aborter.abort();
    });
    try {
      const options = { signal, firstSentAt: at };
      const draft = { channel, text, key, ...references };
      this.deps.onSent(await this.deps.client.send(draft, options));
      await this.#unstore(key);
      this.#remove(key);
    } catch (error) {
      if (!signal.aborted) await this.#fail(message, error);
    } finally {
      stop();
      aborter[Symbol.dispose]();
    }
  }

  async #fail({ state: _, ...entry }: PendingMessage, error: unknown): Promise<void> {
    const problem: OutboxProblem = error instanceof HalleyError
      ? { code: error.code, detail: error.detail }
      : { code: "unexpected_answer", detail: "" };
    // It stays stored for this user, and no other one is sent.
    if (problem.code === "other_user") return this.#aborter.abort();
    if (problem.code === "key_expired") return this.#replace({ ...entry, state: "old" });
    logRefusal(problem);
    this.#replace({ ...entry, problem, state: "failed" });
    await this.#use((store) => store.put({ ...entry, problem }));
  }

  #toPending(entry: OutboxMessage, here?: PendingMessage): PendingMessage {
    const state = entry.problem ? "failed" : this.#isOld(entry) ? "old" : "waiting";
    // Unless somebody has asked to send it again.
    const isSame = here?.at === entry.at && (here.state === state || here.state !== "waiting");
    return isSame ? here : { ...entry, state };
  }

  #isOld({ at }: OutboxMessage): boolean {
    return this.#platform.Date.now() - at > this.deps.settings.value.keyAge - EXPIRY_MARGIN;
  }

  #unstore(key: string): Promise<void> {
    return this.#use((store) => store.remove(key));
  }

  /** Resolves without a value if the store fails: a reload may lose a message, or show it again. */
  async #use<T>(work: (store: OutboxStore) => T): Promise<Awaited<T> | void> {
    return await this.deps.store.then(work).catch(() => {});
  }

  #setSaved(key: string): void {
    if (this.#unsaved.delete(key)) this.#note(key);
  }

  #note(key: string, entry?: OutboxMessage): void {
    const { journal } = this.deps;
    journal.write({ ...journal.read(), [key]: entry });
  }

  #remove(key: string): void {
    this.#setSaved(key);
    this.pending.value = this.pending.value.filter((pending) => pending.key !== key);
  }

  #replace(changed: PendingMessage): void {
    this.pending.value = this.pending.value.map((pending) =>
      pending.key === changed.key ? changed : pending
    );
  }
}
