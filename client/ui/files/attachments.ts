import { signal } from "@preact/signals";
import { FILES_PER_MESSAGE } from "../../../server/protocol/limits.ts";
import { randomKey } from "../../comet/random_key.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { strings } from "./files_strings.ts";
import { formatSize } from "./format_size.ts";

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
    return files.map(({ file }) => file);
  },
};

/** Attaches files to the next message of a conversation, as far as the server takes them. */
export function attach(chat: Chat, { channel }: Conversation, files: readonly File[]): void {
  const { fileBytes = 0 } = chat.settings.peek();
  const { tooLarge, tooMany } = strings.value;
  const large = files.find(({ size }) => size > fileBytes);
  const free = FILES_PER_MESSAGE - attachments.in(channel).length;
  const added = files.filter(({ size }) => size <= fileBytes).slice(0, free);
  const problem = large
    ? tooLarge({ name: large.name, size: formatSize(fileBytes) })
    : files.length > free
    ? tooMany({ count: FILES_PER_MESSAGE })
    : undefined;
  problems.value = new Map([...problems.value].filter(([other]) => other !== channel));
  if (problem) problems.value = new Map([...problems.value, [channel, problem]]);
  set(channel, [...attachments.in(channel), ...added.map(attachedFile)]);
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
