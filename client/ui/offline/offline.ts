/**
 * What the page needs to open and to be read while the server is away: `/built/page-offline.js`, which the page loads when
 * it is idle.
 *
 * @module
 */
import { effect } from "@preact/signals";
import type { Chat } from "../state/chat.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { CopyDatabase } from "./copy_database.ts";
import { OfflineCopy } from "./offline_copy.ts";
import { registerWorker } from "./worker_registration.ts";

export interface OfflineOptions {
  readonly session: ChatSession;
  /** Name of the database with the copy of what was loaded; undefined if nothing is copied. */
  readonly database: string | undefined;
  /** The cursor from which the chat continues. */
  readonly start: () => string | undefined;
}

export function startOffline({ session, database, start }: OfflineOptions): void {
  registerWorker(session);
  if (database === undefined) return;
  let current: Chat | undefined;
  let copy: OfflineCopy | undefined;
  effect(() => {
    copy?.[Symbol.dispose]();
    copy = undefined;
    const chat = current = session.chat.value;
    if (!chat) return;
    CopyDatabase.open(database, chat.self.publicToken).then((opened) => {
      if (!opened) return;
      if (chat === current) copy = new OfflineCopy({ chat, database: opened, start: start() });
      else opened[Symbol.dispose]();
    });
  });
}
