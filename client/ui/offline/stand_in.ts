import { effect, type Signal, untracked } from "@preact/signals";
import { isFinal } from "../../comet/halley_error.ts";
import { subjectOf } from "../../comet/token_source.ts";
import { Chat } from "../state/chat.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { type ChatStorage, clearStorage } from "../storage/chat_storage.ts";
import { COPY, removeCopy } from "../storage/copy_removal.ts";
import { CopyDatabase, type KeptUser } from "./copy_database.ts";
import { OfflineCopy } from "./offline_copy.ts";

/** How long in ms the application and the server may take to sign their user in until the copy is shown. */
const SIGN_IN_TIME = 5_000;

/** A copy is shown for this time in ms after the last contact with the server: the application may have ended the session since. */
const MAX_AGE = 7 * 24 * 3_600_000;

/** The chat of a user who cannot be signed in, with what was loaded before. */
export interface StandIn extends Disposable {
  readonly chat: Chat;
  /** Removes what is stored of the user, and shows it no more. */
  leave(): void;
}

/** What is needed to show the copy of a user of an application, whose token the browser does not store. */
export interface StandInOptions {
  readonly session: ChatSession;
  readonly standIn: Signal<StandIn | undefined>;
  readonly openStorage: (publicToken: string) => ChatStorage;
  /** The cursor from which the chat continues whose storage was opened last. */
  readonly start: () => string | undefined;
  /** The last token that the application has given to this page. */
  readonly token: () => string | undefined;
}

/**
 * Shows the copy while the application or the server is away, in a chat of its own that has no token: each of its attempts to
 * connect is one to sign in, and when that succeeds, the session's chat takes its place. What the application answers decides:
 * if nobody, or another user, is signed in, the copy is removed.
 */
export function showStandIn(options: StandInOptions): void {
  const { session, standIn: shown, token } = options;
  const close = () => {
    shown.peek()?.[Symbol.dispose]();
    shown.value = undefined;
  };
  let isOpening = false;
  const open = async () => {
    if (isOpening || shown.peek()) return;
    isOpening = true;
    const database = await CopyDatabase.open(COPY);
    const list = await database?.list();
    isOpening = false;
    if (!database || !list?.user || !isAway(session)) return database?.[Symbol.dispose]();
    if (isShowable(list.user, token())) {
      shown.value = openStandIn(list.owner, list.user, { ...options, close, database });
    } else {
      database[Symbol.dispose]();
      removeCopy();
    }
  };
  effect(() => {
    const state = session.signingIn.value;
    if (session.chat.value || state === "no" || state === "no_token") untracked(close);
    else if (isFinal(state)) untracked(() => (close(), removeCopy()));
    else if (state !== "yes") untracked(open);
    else {
      const timer = setTimeout(open, SIGN_IN_TIME);
      return () => clearTimeout(timer);
    }
  });
}

/** Whether nobody could be asked yet who is signed in. */
function isAway({ chat, signingIn }: ChatSession): boolean {
  const state = signingIn.peek();
  return !chat.peek() && state !== "no" && state !== "no_token" && !isFinal(state);
}

/** Not after a long time, and not if the application has named another user, or one who may be another. */
function isShowable({ at, subject }: KeptUser, token: string | undefined): boolean {
  const isSame = token === undefined || subject !== undefined && subjectOf(token) === subject;
  return isSame && Date.now() - at < MAX_AGE;
}

interface OpenedCopy extends StandInOptions {
  readonly database: CopyDatabase;
  readonly close: () => void;
}

function openStandIn(publicToken: string, user: KeptUser, options: OpenedCopy): StandIn {
  const { session, openStorage, start, close, database, token } = options;
  const url = new URL(".", document.baseURI);
  const storage = openStorage(publicToken);
  const { displayName, settings } = user;
  const getToken = async () => {
    await session.resume();
    if (!isShowable(user, token())) {
      close();
      removeCopy();
    }
    throw new TypeError("Nobody can be signed in now");
  };
  const self = { publicToken, displayName };
  const credentials = { getToken, share: false };
  const chat = new Chat({ url, self, settings, credentials, isNew: false, storage });
  const copy = new OfflineCopy({ chat, database, start: start(), user: () => user });
  const leave = () => {
    close();
    clearStorage(storage);
    removeCopy();
  };
  const dispose = () => {
    copy[Symbol.dispose]();
    chat[Symbol.dispose]();
  };
  return { chat, leave, [Symbol.dispose]: dispose };
}
