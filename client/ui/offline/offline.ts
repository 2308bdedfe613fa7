/**
 * What the page needs to open and to be read while the server is away, and the number on its icon: `/built/page-offline.js`,
 * which the page loads when it is idle.
 *
 * @module
 */
import { effect } from "@preact/signals";
import { subjectOf } from "../../comet/token_source.ts";
import { BadgedIcon } from "../notifications/badged_icon.ts";
import type { Chat } from "../state/chat.ts";
import { notifying } from "../state/settings.ts";
import type * as pushModule from "../push/push.ts";
import { COPY, removeCopy } from "../storage/copy_removal.ts";
import { CopyDatabase } from "./copy_database.ts";
import { OfflineCopy } from "./offline_copy.ts";
import { showStandIn, type StandInOptions } from "./stand_in.ts";
import { registerWorker } from "./worker_registration.ts";

export interface OfflineOptions extends StandInOptions {
  /** Loads a part of the page by its name. */
  readonly loadPart: <T>(name: string) => Promise<T>;
}

/** Resolves when everything has been started that the browser can do. */
export async function startOffline(options: OfflineOptions): Promise<void> {
  const { session, loadPart } = options;
  const icon = new BadgedIcon();
  notifying.icon.value = (count) => icon.show(count);
  const { copy, push } = document.documentElement.dataset;
  if (copy === "off") removeCopy();
  else keepCopy(options);
  const worker = await registerWorker(session);
  if (!worker || !push) return;
  const { startPush } = await loadPart<typeof pushModule>("push");
  startPush(session, worker);
}

function keepCopy(options: OfflineOptions): void {
  const { session, start, token } = options;
  // Users of an application, which gives the page their tokens.
  const hasTokens = session.tokens.peek() !== undefined;
  let current: Chat | undefined;
  let copy: OfflineCopy | undefined;
  effect(() => {
    copy?.[Symbol.dispose]();
    copy = undefined;
    const chat = current = session.chat.value;
    if (!chat) return;
    // With another user's token, the chat ends at once, before anything is stored.
    const subject = subjectOf(token() ?? "");
    const user = () => ({
      displayName: chat.self.displayName,
      settings: chat.settings.peek(),
      subject,
      at: Date.now(),
    });
    CopyDatabase.open(COPY, chat.self.publicToken).then((opened) => {
      if (!opened) return;
      if (chat !== current) return opened[Symbol.dispose]();
      const kept = { chat, database: opened, start: start() };
      copy = new OfflineCopy({ ...kept, ...(hasTokens && { user }) });
    });
  });
  if (hasTokens) showStandIn(options);
}
