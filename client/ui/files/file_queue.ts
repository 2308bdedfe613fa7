import { effect, signal } from "@preact/signals";
import { HalleyError, isFinal } from "../../comet/halley_error.ts";
import { randomKey } from "../../comet/random_key.ts";
import type { Chat } from "../state/chat.ts";
import type { References } from "../storage/outbox_store.ts";
import {
  type FileStore,
  openFileStore,
  type QueuedFile,
  type QueuedMessage,
} from "./file_database.ts";
import { makeThumbnail } from "./thumbnail.ts";
import { fileIn, transfer } from "./transfers.ts";
import { markUnsent, UNSENT_FILES } from "../storage/unsent_files.ts";

/** The delays in ms before another attempt; the last one is repeated. */
const DELAYS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** What a tab tells the others: that the stored messages have changed, or how far it has come with one. */
type News = "changed" | { readonly key: string; readonly progress: number | undefined };

/** What is known about a message that is being sent. */
export interface QueuedState extends QueuedMessage {
  /** The sent part of its files, from 0 to 1; undefined while it waits. */
  readonly progress?: number | undefined;
}

/**
 * Sends messages with files: those of a conversation one after the other, each of them once, by one tab at a time. They are
 * stored first, so those of an earlier page or of another tab are sent too. Texts without files do not wait for them; they wait
 * for texts that were written before.
 */
export class FileQueue implements Disposable {
  readonly messages = signal<readonly QueuedState[]>([]);
  readonly #chat: Chat;
  readonly #name: string;
  readonly #store: Promise<FileStore>;
  readonly #tabs: BroadcastChannel;
  readonly #end = new AbortController();
  /** How far the messages are that are being sent, by their keys: another tab can tell it before this one has loaded the message. */
  readonly #progress = new Map<string, number | undefined>();
  /** What stops the transfer of a message. */
  readonly #transfers = new Map<string, AbortController>();
  readonly #running = new Set<string>();
  /** What ends the delays before other attempts. */
  readonly #waiting = new Set<() => void>();

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#name = `${UNSENT_FILES} ${chat.self.publicToken}`;
    this.#store = openFileStore(UNSENT_FILES, chat.self.publicToken);
    this.#tabs = new BroadcastChannel(this.#name);
    this.#tabs.onmessage = ({ data }: MessageEvent<News>) =>
      data === "changed" ? this.#load() : this.#showProgress(data.key, data.progress);
    const { signal } = this.#end;
    addEventListener("online", () => this.#tryNow(), { signal });
    document.addEventListener("visibilitychange", () => this.#tryNow(), { signal });
    this.#load();
    // The others answer with how far they are.
    this.#tell();
  }

  in(channel: string): readonly QueuedState[] {
    return this.messages.value.filter((message) => message.channel === channel);
  }

  /** Adds a message, and begins to send it. */
  async add(
    channel: string,
    { text, references, files }: {
      readonly text: string;
      readonly references: References;
      readonly files: readonly File[];
    },
  ): Promise<void> {
    const queued = files.map((file) => ({ key: randomKey(), name: file.name, content: file }));
    const owner = this.#chat.self.publicToken;
    const head = { key: randomKey(), owner, channel, text, references };
    await this.#put({ ...head, files: queued, at: Date.now() });
    await this.#load();
  }

  /** Sends a message again that the server has refused. */
  async retry({ progress: _, ...message }: QueuedState): Promise<void> {
    await this.#put({ ...message, problem: undefined, sentAt: undefined });
    await this.#load();
  }

  async discard({ key }: QueuedState): Promise<void> {
    await this.#remove(key);
    this.#transfers.get(key)?.abort();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#tabs.close();
    for (const transfer of this.#transfers.values()) transfer.abort();
    this.#tryNow();
  }

  async #load(): Promise<void> {
    const messages = await (await this.#store).list();
    if (this.#end.signal.aborted) return;
    // Another tab has discarded what this one sends.
    for (const [key, stop] of this.#transfers) {
      if (!messages.some((one) => one.key === key)) stop.abort();
    }
    for (const { key } of this.messages.peek()) {
      if (!messages.some((one) => one.key === key)) this.#progress.delete(key);
    }
    this.messages.value = messages.map((one) => ({
      ...one,
      progress: this.#progress.get(one.key),
    }));
    for (const { key, progress } of this.messages.peek()) {
      if (this.#transfers.has(key)) this.#tell({ key, progress });
    }
    markUnsent(messages.length > 0);
    for (const channel of new Set(messages.map(({ channel }) => channel))) this.#sendAll(channel);
  }

  async #sendAll(channel: string): Promise<void> {
    const next = () =>
      this.messages.peek().find((one) => one.channel === channel && one.problem === undefined);
    if (this.#running.has(channel) || !next()) return;
    this.#running.add(channel);
    const work = async () => {
      for (let found = next(); found && !this.#end.signal.aborted; found = next()) {
        await this.#sendOne(found.key);
      }
    };
    try {
      // Without locks, two tabs can send the same message: because of its keys it counts once.
      await (navigator.locks?.request(`${this.#name} ${channel}`, work) ?? work());
    } finally {
      this.#running.delete(channel);
    }
  }

  /** Sends a message until the server has it, has refused it, or it was discarded. */
  async #sendOne(key: string): Promise<void> {
    const stop = new AbortController();
    this.#transfers.set(key, stop);
    try {
      for (let attempt = 0;; attempt++) {
        // Another tab may have sent or discarded it.
        const message = await (await this.#store).get(key);
        if (!message || this.#end.signal.aborted) break;
        try {
          await this.#attempt(message, stop.signal);
          break;
        } catch (error) {
          if (stop.signal.aborted) break;
          if (isFinal(error)) return await this.#refuse(message, error);
          this.#setProgress(key, undefined);
          const delay = DELAYS[Math.min(attempt, DELAYS.length - 1)];
          const wait = Math.max(
            delay ?? 0,
            error instanceof HalleyError ? error.retryAfter ?? 0 : 0,
          );
          await this.#delay(wait, stop.signal);
        }
      }
    } finally {
      this.#transfers.delete(key);
    }
    if (!this.#end.signal.aborted) await this.#remove(key);
  }

  async #attempt(message: QueuedMessage, signal: AbortSignal): Promise<void> {
    const { client, conversations } = this.#chat;
    const { key, channel, text, references, files } = message;
    const sizes = files.map(({ content, id }) => id === undefined ? content.size : 0);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let done = 0;
    let stored = message;
    for (const [n, file] of files.entries()) {
      const size = sizes[n] ?? 0;
      const onProgress = (part: number) =>
        this.#setProgress(key, total === 0 ? 1 : (done + part * size) / total);
      const id = file.id ?? await this.#upload(file, signal, onProgress);
      stored = {
        ...stored,
        files: stored.files.map((one) => one === file ? { ...file, id } : one),
      };
      if (file.id === undefined) await this.#put(stored);
      done += size;
    }
    await this.#untilTextsAreSent(message, signal);
    // From now on the server may have it: it must not be sent later than its key is remembered.
    const sentAt = message.sentAt ?? Date.now();
    await this.#put({ ...stored, sentAt });
    const ids = stored.files.flatMap(({ id }) => id ?? []);
    const draft = { channel, ...(text && { text }), files: ids, key, ...references };
    conversations.add([await client.send(draft, { signal, firstSentAt: message.sentAt })]);
  }

  /** Waits while the conversation has unsent texts that were written before a message. */
  #untilTextsAreSent({ channel, at }: QueuedMessage, stop: AbortSignal): Promise<void> {
    const { outbox } = this.#chat;
    const hasEarlier = () =>
      outbox.in(channel).some((text) => text.state === "waiting" && text.at <= at);
    return new Promise((resolve, reject) => {
      const done = () => {
        stop.removeEventListener("abort", done);
        queueMicrotask(() => end());
        if (stop.aborted) reject(stop.reason);
        else resolve();
      };
      stop.addEventListener("abort", done);
      const end = effect(() => {
        if (stop.aborted || !hasEarlier()) done();
      });
    });
  }

  async #upload(
    { key, name, content }: QueuedFile,
    signal: AbortSignal,
    onProgress: (part: number) => void,
  ): Promise<string> {
    const { client } = this.#chat;
    const path = `api/files?${new URLSearchParams({ name, key })}`;
    onProgress(0);
    const { id } = await fileIn(
      await transfer(client, { method: "POST", path, body: content, signal, onProgress }),
    );
    const thumbnail = await makeThumbnail(content);
    if (!thumbnail) return id;
    try {
      const path = `api/files/${id}/thumbnail`;
      await transfer(client, { method: "PUT", path, body: thumbnail, signal });
    } catch (error) {
      // The picture itself is shown then.
      const isFull = error instanceof HalleyError && error.code === "files_full";
      if (!isFinal(error) && !isFull) throw error;
    }
    return id;
  }

  async #refuse(message: QueuedMessage, { code }: HalleyError): Promise<void> {
    if (await (await this.#store).get(message.key) === undefined) return;
    // The next attempt uploads the files again: the server may have removed them, since they were not sent for a day.
    const files = message.files.map(({ id: _, ...file }) => file);
    await this.#put({ ...message, files, problem: code });
    await this.#load();
  }

  async #put(message: QueuedMessage): Promise<void> {
    await (await this.#store).put(message);
    this.#tell();
  }

  async #remove(key: string): Promise<void> {
    await (await this.#store).remove(key);
    this.#progress.delete(key);
    this.messages.value = this.messages.peek().filter((one) => one.key !== key);
    markUnsent(this.messages.peek().length > 0);
    this.#tell();
  }

  #tell(news: News = "changed"): void {
    if (!this.#end.signal.aborted) this.#tabs.postMessage(news);
  }

  #setProgress(key: string, progress: number | undefined): void {
    this.#showProgress(key, progress);
    this.#tell({ key, progress });
  }

  #showProgress(key: string, progress: number | undefined): void {
    this.#progress.set(key, progress);
    this.messages.value = this.messages.peek().map((one) =>
      one.key === key ? { ...one, progress } : one
    );
  }

  #delay(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#waiting.add(end);
      signal.addEventListener("abort", end);
    });
  }

  #tryNow(): void {
    for (const end of [...this.#waiting]) end();
  }
}
