import type { Session } from "../../server/core/model/session.ts";
import type { Files } from "../../server/files/files.ts";
import type { Store } from "../../server/core/model/store.ts";
import type { MessageFile } from "../../server/protocol/message.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import type { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { TestHub, type TestHubOptions } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { openTestFiles, type TestFilesOptions } from "../support/test_files.ts";
import { TestFolder } from "../support/test_folder.ts";

/** A hub over a store in memory, with files in a folder. */
export class OpenedFiles implements AsyncDisposable {
  readonly test: TestHub;
  readonly files: Files;
  readonly folder: TestFolder;

  private constructor(test: TestHub, files: Files, folder: TestFolder) {
    this.test = test;
    this.files = files;
    this.folder = folder;
  }

  static async open(
    { retention, ...options }: TestFilesOptions & TestHubOptions = {},
    store: Store = SqliteStore.open(IN_MEMORY, { ...KEEP_ALL, ...retention }),
  ): Promise<OpenedFiles> {
    const folder = TestFolder.make();
    const files = openTestFiles(store, folder, options);
    return new OpenedFiles(await TestHub.open({ ...options, files }, store), files, folder);
  }

  /** Files where their store keeps them. */
  static async openIn(store: NatsStore): Promise<OpenedFiles> {
    return await OpenedFiles.open({ storage: await store.openFileStorage() }, store);
  }

  async upload(owner: Session, content: Uint8Array | string, key?: string): Promise<MessageFile> {
    const { publicToken } = owner;
    const body = new Blob([typeof content === "string" ? content : new Uint8Array(content)]);
    const upload = { name: "a", key, size: body.size, content: body.stream() };
    return (await this.files.upload(publicToken, upload)).file;
  }

  /** The number of contents in the folder. */
  get stored(): number {
    return [...Deno.readDirSync(this.folder.path)].length;
  }

  /** Sweeps; returns the number of contents that are left. */
  async sweep(): Promise<number> {
    await this.files.sweep(new AbortController().signal);
    return this.stored;
  }

  async read(id: string): Promise<string> {
    return await new Response((await this.files.find(undefined, id)).open()).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
