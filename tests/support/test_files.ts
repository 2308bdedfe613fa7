import { type Runtime, SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { Files } from "../../server/files/files.ts";
import type { FileLimits } from "../../server/files/file_settings.ts";
import { FolderStorage } from "../../server/files/folder_storage.ts";
import type { FileStorage } from "../../server/core/model/file_storage.ts";
import type { Store } from "../../server/core/model/store.ts";
import type { MessageFile } from "../../server/protocol/message.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { Chat, type ChatOptions, type TestUser } from "./chat.ts";
import { TestHub } from "./hub.ts";
import { KEEP_ALL } from "./retention.ts";
import { TestFolder } from "./test_folder.ts";

/** How test files differ from those of a server with default settings. */
export interface TestFilesOptions extends Partial<FileLimits> {
  readonly runtime?: Runtime;
  readonly storage?: FileStorage;
  readonly onFailure?: (reason: string) => void;
}

/** The files of a store, in a folder. */
export function openTestFiles(
  store: Store,
  folder: TestFolder,
  { runtime = SYSTEM_RUNTIME, storage, onFailure = () => {}, ...limits }: TestFilesOptions = {},
): Files {
  return new Files({
    storage: storage ?? FolderStorage.open(folder.path),
    store,
    limits: { fileBytes: 1e6, ownerBytes: 1e7, storageBytes: 1e8, ...limits },
    onFailure,
    runtime,
  });
}

/** The whole app with files, over a store in memory. */
export class FileChat implements AsyncDisposable {
  readonly chat: Chat;
  readonly files: Files;
  readonly folder: TestFolder;

  private constructor(chat: Chat, files: Files, folder: TestFolder) {
    this.chat = chat;
    this.files = files;
    this.folder = folder;
  }

  static async open(
    { files: options, retention, ...chat }: Omit<ChatOptions, "files"> & {
      readonly files?: TestFilesOptions;
    } = {},
  ): Promise<FileChat> {
    const store = SqliteStore.open(IN_MEMORY, { ...KEEP_ALL, ...retention });
    const folder = TestFolder.make();
    const files = openTestFiles(store, folder, options);
    const test = await TestHub.open({ files, ...chat }, store);
    return new FileChat(Chat.over(test, chat), files, folder);
  }

  /** The names of what is in the folder. */
  get stored(): string[] {
    return [...Deno.readDirSync(this.folder.path)].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chat[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** Uploads a file. */
export function upload(
  user: TestUser,
  content: Uint8Array | string,
  query: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const words = new URLSearchParams({ name: "file.bin", ...query });
  const body = new Blob([typeof content === "string" ? content : new Uint8Array(content)]);
  return user.post(`/api/files?${words}`, body, { "content-type": "application/octet-stream" });
}

/** Uploads a file that is accepted; returns what the server has found. */
export async function uploaded(
  user: TestUser,
  content: Uint8Array | string,
  query: Readonly<Record<string, string>> = {},
): Promise<MessageFile> {
  const response = await upload(user, content, query);
  if (response.status >= 300) throw new Error(await response.text());
  return await response.json();
}
