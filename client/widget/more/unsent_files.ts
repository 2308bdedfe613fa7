import { signal } from "@preact/signals";
import { HalleyError } from "../../comet/halley_error.ts";
import { randomKey } from "../../comet/random_key.ts";
import { uploadFile } from "../../comet/upload_file.ts";
import { type FileStore, openFileStore, type QueuedMessage } from "../../ui/files/file_database.ts";
import type { Chat } from "../../ui/state/chat.ts";
import type { Conversation } from "../../ui/state/conversation.ts";
import { openOutbox as openTexts } from "../../ui/storage/outbox_database.ts";
import type { OutboxStore } from "../../ui/storage/outbox_store.ts";

/** A message with files that is being sent, or that the server has refused. */
export interface UnsentFiles {
  readonly chat: Chat;
  readonly message: QueuedMessage;
  readonly store: FileStore;
  /** Stops sending: on this page, or, with the reason `DISCARDED`, at all. */
  readonly stop: AbortController;
  /** Why they are not sent at all. They are not stored then. */
  readonly refusal?: string | undefined;
}

const DISCARDED = "discarded";

/** Those of all chats of this page. */
const all = signal<readonly UnsentFiles[]>([]);

/** Where those of a session are stored, by its public token. */
const stores = signal<ReadonlyMap<string, FileStore>>(new Map());

/** Opens what a session has not sent: its texts and, beside them, its files, which are removed with them. */
export async function openOutbox(name: string, owner: string): Promise<OutboxStore> {
  const opening = openFileStore(`${name}.files`, owner);
  opening.then((store) => stores.value = new Map([...stores.peek(), [owner, store]]));
  const outbox = await openTexts(name, owner);
  const clear = outbox.clear.bind(outbox);
  outbox.clear = async () => {
    await clear();
    for (const one of all.peek()) if (one.message.owner === owner) discard(one);
    const store = await opening;
    for (const { key } of await store.list()) await store.remove(key);
  };
  return outbox;
}

/** Whether files of a chat can be stored already. */
export function canSendFiles({ self }: Chat): boolean {
  return stores.value.has(self.publicToken);
}

/** Those of a conversation. */
export function unsentFilesIn({ channel }: Conversation, chat: Chat): readonly UnsentFiles[] {
  return all.value.filter((one) => one.chat === chat && one.message.channel === channel);
}

export function hasUnsentFiles(chat: Chat): boolean {
  return all.peek().some((one) => one.chat === chat && !one.refusal);
}

/** Sends what earlier pages have not sent. Call the result to stop: what is unsent stays stored. */
export function resumeFiles(chat: Chat): () => void {
  const end = new AbortController();
  const store = stores.value.get(chat.self.publicToken);
  store?.list().then((messages) => {
    if (end.signal.aborted) return;
    const known = all.peek().map(({ message }) => message.key);
    for (const message of messages) {
      if (!known.includes(message.key)) start({ chat, message, store });
    }
  });
  return () => {
    end.abort();
    for (const one of all.peek()) if (one.chat === chat) one.stop.abort();
    all.value = all.peek().filter((one) => one.chat !== chat);
  };
}

/** Sends files as one message, each step until the server answers, also on later pages. */
export async function sendFiles(
  chat: Chat,
  { channel }: Conversation,
  { files, refusal }: { readonly files: readonly File[]; readonly refusal: string | undefined },
): Promise<void> {
  const owner = chat.self.publicToken;
  const store = stores.peek().get(owner);
  if (!store) return;
  const queued = files.map((content) => ({ key: randomKey(), name: content.name, content }));
  const message = {
    ...{ key: randomKey(), owner, channel, text: "", files: queued },
    at: Date.now(),
  };
  if (!refusal) await store.put(message);
  start({ chat, message, store, refusal });
}

/** Sends again what the server has refused. */
export async function retryFiles({ chat, message, store }: UnsentFiles): Promise<void> {
  const again = { ...message, problem: undefined };
  await store.put(again);
  remove(message);
  start({ chat, message: again, store });
}

export async function discard({ message, store, stop }: UnsentFiles): Promise<void> {
  stop.abort(DISCARDED);
  remove(message);
  await store.remove(message.key);
}

/** What was refused is only shown. */
async function start(begun: Omit<UnsentFiles, "stop">): Promise<void> {
  const { message, store, refusal } = begun;
  const unsent = { ...begun, stop: new AbortController() };
  const { signal } = unsent.stop;
  all.value = [...all.peek(), unsent];
  if (refusal || message.problem !== undefined) return;
  const work = () => send(unsent);
  try {
    // Without locks, two tabs can send the same message: because of its keys it counts once.
    await (navigator.locks?.request(`halley ${message.key}`, { signal }, work) ?? work());
    remove(message);
  } catch (error) {
    if (!signal.aborted) await refuse(unsent, error);
  } finally {
    if (signal.reason === DISCARDED) await store.remove(message.key);
  }
}

async function send({ chat, message: { key }, store, stop }: UnsentFiles): Promise<void> {
  const { client, conversations } = chat;
  const { signal } = stop;
  for (const { id: known, ...file } of (await store.get(key))?.files ?? []) {
    const options = { name: file.name, key: file.key, signal };
    const id = known ?? (await uploadFile(client, file.content, options)).id;
    const message = await store.get(key);
    if (!message) return;
    const files = message.files.map((one) => one.key === file.key ? { ...one, id } : one);
    await store.put({ ...message, files });
  }
  // Another tab may have sent or discarded it.
  const message = await store.get(key);
  if (!message) return;
  const { channel, files, sentAt } = message;
  // From now on the server may have it: it must not be sent later than its key is remembered.
  await store.put({ ...message, sentAt: sentAt ?? Date.now() });
  const draft = { channel, files: files.flatMap(({ id }) => id ?? []), key };
  conversations.add([await client.send(draft, { signal, firstSentAt: sentAt })]);
  await store.remove(key);
}

async function refuse({ message, store }: UnsentFiles, error: unknown): Promise<void> {
  // The next attempt uploads the files again: the server may have removed them, since they were not sent for a day.
  const files = message.files.map(({ id: _, ...file }) => file);
  const problem = error instanceof HalleyError ? error.code : "";
  const refused = { ...message, files, problem, sentAt: undefined };
  if (!await store.get(message.key)) return remove(message);
  await store.put(refused);
  all.value = all.peek().map((one) =>
    one.message.key === message.key ? { ...one, message: refused } : one
  );
}

function remove({ key }: QueuedMessage): void {
  all.value = all.peek().filter(({ message }) => message.key !== key);
}
