import { signal } from "@preact/signals";
import { FILES_PER_MESSAGE } from "../../../server/protocol/limits.ts";
import { randomKey } from "../../comet/random_key.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { strings } from "./files_strings.ts";
import { formatSize } from "./format_size.ts";
import { isReadable } from "./is_readable.ts";

/** A file that the next message of a conversation will have. */
export interface AttachedFile {
  readonly key: string;
  readonly file: File;
  /** Shows it, if it is a picture. */
  readonly url: string | undefined;
}

type ByChannel<T> = ReadonlyMap<string, T>;

const attached = signal<ByChannel<readonly AttachedFile[]>>(new Map());

/** Why the last files were not attached. */
const problems = signal<ByChannel<string>>(new Map());

/** The files that were chosen and not sent. They are lost when the page is closed. */
export const attachments = {
  has: (channel: string): boolean => attachments.in(channel).length > 0,

  in: (channel: string): readonly AttachedFile[] => attached.value.get(channel) ?? [],

  problemIn: (channel: string): string | undefined => problems.value.get(channel),

  remove(channel: string, key: string): void {
    const files = attachments.in(channel);
    forget(files.filter((one) => one.key === key));
    set(channel, files.filter((one) => one.key !== key));
  },

  /** Takes all out, to send them. */
  take(channel: string): readonly File[] {
    const files = attachments.in(channel);
    forget(files);
    set(channel, []);
    setProblem(channel, undefined);
    return files.map(({ file }) => file);
  },
};

/**
 * Attaches files to the next message of a conversation, as far as the server takes them: at once, so that they keep their order
 * and are part of a message that is sent right afterwards. What turns out to be unreadable is removed.
 */
export async function attach(
  chat: Chat,
  { channel }: Conversation,
  files: readonly File[],
): Promise<void> {
  const { fileBytes = 0 } = chat.settings.peek();
  const { tooLarge, tooMany, damaged } = strings.value;
  const large = files.find(({ size }) => size > fileBytes);
  const free = FILES_PER_MESSAGE - attachments.in(channel).length;
  const usable = files.filter(({ size }) => size > 0 && size <= fileBytes);
  const added = usable.slice(0, free).map(attachedFile);
  const problem = large
    ? tooLarge({ name: large.name, size: formatSize(fileBytes) })
    : files.some(({ size }) => size === 0)
    ? damaged
    : usable.length > free
    ? tooMany({ count: FILES_PER_MESSAGE })
    : undefined;
  setProblem(channel, problem);
  set(channel, [...attachments.in(channel), ...added]);
  await Promise.all(added.map(async ({ key, file }) => {
    if (await isReadable(file)) return;
    attachments.remove(channel, key);
    setProblem(channel, problem ?? damaged);
  }));
}

function setProblem(channel: string, problem: string | undefined): void {
  const others = [...problems.value].filter(([other]) => other !== channel);
  problems.value = new Map(problem ? [...others, [channel, problem]] : others);
}

function attachedFile(file: File): AttachedFile {
  const url = file.type.startsWith("image/") && !file.type.includes("svg")
    ? URL.createObjectURL(file)
    : undefined;
  return { key: randomKey(), file, url };
}

function forget(files: readonly AttachedFile[]): void {
  for (const { url } of files) if (url) URL.revokeObjectURL(url);
}

function set(channel: string, files: readonly AttachedFile[]): void {
  attached.value = new Map([...attached.value, [channel, files]]);
}
