import "../comet/halley.ts";
// In this order the modules of the bundle compress best.
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { type PartialDictionary, readDictionary } from "./i18n/dictionary.ts";
import { language } from "./i18n/language.ts";
import type { StandIn } from "./offline/stand_in.ts";
import type * as offlineModule from "./offline/offline.ts";
import { forgetEmoji } from "./emoji/recent_emoji.ts";
import type { Chat } from "./state/chat.ts";
import { ChatSession } from "./state/chat_session.ts";
import { isStoredSession } from "./state/stored_session.ts";
import { HashRoute } from "./state/hash_route.ts";
import { areUnreadMarks, restoreUnreadMarks } from "./state/unread_marks.ts";
import type * as tokensModule from "./state/page_tokens.ts";
import { localValue, memoryValue, PAGE_PREFIX, type StoredValue } from "./storage/stored_value.ts";
import { removeCopy } from "./storage/copy_removal.ts";
import { restoreLanguage } from "./storage/stored_language.ts";
import { openChatStorage, ownedValues, startOf } from "./storage/chat_storage.ts";
import { fetchOnce, keepEarlyResponses } from "./opening/early_requests.ts";
import { type ListedLanguage, listedLanguages, takeDictionary } from "./opening/first_language.ts";
import { FRAME } from "./opening/first_messages.ts";
import { keepFrame } from "./opening/kept_frame.ts";
import { loadStyleSheet } from "./opening/style_sheet.ts";
import { openOutbox } from "./storage/outbox_database.ts";
import { partLoader } from "./views/page_part.ts";
import { richViews } from "./views/message_text.tsx";
import { FoldedData } from "./views/message_data.tsx";
import { RichText } from "./views/rich_text.tsx";
import { shared } from "./page_modules.ts";
import { fileSending, filesPart, fileViews } from "./views/files.tsx";
import { sentHeaders } from "./state/sent_headers.ts";
import { hasUnsentFiles, watchUnsent } from "./storage/unsent_files.ts";
import { PageState } from "./state/page_state.ts";
import { isUnsent, Unsent } from "./state/unsent.ts";
import { account } from "./views/account_part.ts";
import { titleOf } from "./views/conversation_title.ts";
import { ChatView } from "./views/chat_view.tsx";
import { emojiNames } from "./views/emoji_picker.tsx";
import { ReactionPicker } from "./views/reaction_picker.tsx";
import { reactionPicker } from "./views/reactions.tsx";
import type * as markdownModule from "./views/markdown.ts";
import { markdownLoader } from "./views/marks.ts";
import { editingTools } from "./views/message_editing.tsx";
import { replyTools } from "./views/reply_quote.tsx";
import { composerTools } from "./views/composer_tools.ts";
import { mentionTools, pageTools } from "./views/mention_tools.tsx";
import type { SignOut } from "./views/sign_out.tsx";
import { pictureFrom } from "./views/picture.tsx";
import { SignInView } from "./views/sign_in_view.tsx";
import { effect, signal } from "@preact/signals";
import { pictures } from "./views/avatars.tsx";
import { keepFocus } from "./views/keep_focus.ts";
import { manageMessageFocus } from "./views/message_focus.ts";
import { messageTools } from "./views/message_item.tsx";
import { refusals } from "./i18n/refusals.ts";
import { refusalText } from "./i18n/refusal_text.ts";
import { strings } from "./i18n/page_strings.ts";
import { followTranslation } from "./views/translation.ts";

/** The server writes these attributes into the page. */
const { dataset } = document.documentElement;
const { auth, tokenUrl, frameAncestors, signInUrl, signOutUrl, pictureOrigins } = dataset;

/** Whether the application gives tokens to its users here. */
const hasTokens = Boolean(tokenUrl || frameAncestors && parent !== window);

/** The modules that are loaded on demand, as attributes of this script. */
const modules = document.querySelector<HTMLElement>("script[data-tokens]")?.dataset;

function addressOf(module = ""): string {
  return new URL(module, document.baseURI).href;
}

/** The last token that the application has given. */
let token: string | undefined;

/** Loads a module. To a browser, one that could not be loaded stays so, but with another fragment it is another one. */
function load<T>(name: string): Promise<T> {
  const address = addressOf(modules?.[name]);
  return import(address).catch(() => import(`${address}#${Date.now()}`));
}

async function getToken(): Promise<string | undefined> {
  const { pageToken } = await load<typeof tokensModule>("tokens");
  return token = await pageToken(dataset);
}

/** Loads a part of the page that shares modules with it. */
async function loadPart<T>(name: string): Promise<T> {
  type Part = { readonly provide: (modules: typeof shared) => T };
  const { provide } = await load<Part>(name);
  return provide(shared);
}

partLoader.load = loadPart;
reactionPicker.Picker = ReactionPicker;
emojiNames.url = () => addressOf(listed(language.value)?.emoji ?? listed("en")?.emoji);

markdownLoader.load = async () => (await load<typeof markdownModule>("markdown")).parseMarkdown;

/** Time in ms after which what the page needs without a server is loaded: it must not delay the opening. */
const OFFLINE_DELAY = 500;

/** Shown while nobody can be signed in, with that copy. */
const standIn = signal<StandIn>();

/** What is removed with the rest that a person has stored: files that were not sent. */
function unsentFilesOf(publicToken: string): StoredValue<never> {
  const write = () => {
    if (hasUnsentFiles()) filesPart.load().then((files) => files?.clearQueue(publicToken));
  };
  return { ...memoryValue<never>(), write };
}

/** The cursor from which the chat continues. */
let start: string | undefined;

const languages = listedLanguages();

function listed(wanted: string): ListedLanguage | undefined {
  return languages.find(({ tag }) => tag === wanted);
}

async function loadDictionary(tag: string): Promise<PartialDictionary> {
  const url = listed(tag)?.url ?? "";
  return await readDictionary(await takeDictionary(url) ?? await fetch(url));
}

/** The code of a link from another device. It is removed from the address at once. */
const arrival = signal<string>();

function takeCode(): void {
  const code = /^#move=([\w.-]+)$/.exec(location.hash)?.[1];
  if (!code || auth === "jwt") return;
  history.replaceState(history.state, "", location.pathname + location.search);
  arrival.value = code;
}

const root = document.querySelector("#app");
if (root) {
  loadStyleSheet(addressOf(modules?.style));
  takeCode();
  // Before the page follows the address.
  addEventListener("popstate", takeCode);
  await restoreLanguage({ options: languages, load: loadDictionary });
  const unsent = new Unsent(localValue(`${PAGE_PREFIX}.unsent`, isUnsent), titleOf);
  const openStorage = (publicToken: string) => {
    const owner = { prefix: PAGE_PREFIX, publicToken, isKept: auth === "jwt" };
    const outbox = openOutbox(`${PAGE_PREFIX}.outbox`, publicToken);
    const unread = ownedValues(owner)("unread", areUnreadMarks);
    const storage = { ...openChatStorage({ ...owner, outbox }), unread };
    restoreUnreadMarks(unread);
    start = startOf(storage);
    keepEarlyResponses(start);
    return { ...storage, files: unsentFilesOf(publicToken) };
  };
  const session = new ChatSession({
    url: new URL(".", document.baseURI),
    stored: localValue(`${PAGE_PREFIX}.session`, isStoredSession),
    fetch: (url, init) => {
      sentHeaders.value = init.headers;
      return fetchOnce(url, init);
    },
    openStorage,
    tokens: hasTokens ? { getToken } : undefined,
    onEnded: (chat, storage) => unsent.keep(chat, storage),
  });
  // Back from the application, where people sign in and out.
  if (hasTokens) {
    const refresh = () => {
      if (!document.hidden && session.ended.peek() !== "kicked") session.refresh();
    };
    document.addEventListener("visibilitychange", refresh);
    addEventListener("pageshow", ({ persisted }) => persisted && refresh());
  }
  // Whoever is next finds nothing, however the session has ended. Until the application has answered, it has not.
  effect(() => {
    const hasEnded = !hasTokens || session.signingIn.value === "no";
    if (!session.chat.value && hasEnded) removeCopy();
  });
  if (pictureOrigins) pictures.show = pictureFrom(pictureOrigins.split(" "));
  const frame = root.querySelector<HTMLElement>(FRAME);
  root.replaceChildren(); // It contains what the page needs: needs.js.
  richViews.value = { Text: RichText, Data: FoldedData };
  refusals.explain = refusalText;
  followTranslation(root);
  if (root instanceof HTMLElement) manageMessageFocus(root);
  keepFocus(root);
  render(<App session={session} unsent={unsent} />, root);
  if (frame?.dataset.kind) keepFrame(frame, session);
  if (parent === window) {
    setTimeout(() => {
      loadPart<typeof offlineModule>("offline")
        .then(({ startOffline }) =>
          startOffline({
            session,
            openStorage,
            loadPart,
            standIn,
            start: () => start,
            token: () => token,
          })
        )
        // The server is away, or has a new version: the next page loads it.
        .catch(() => {});
    }, OFFLINE_DELAY);
  }
}

interface AppProps {
  readonly session: ChatSession;
  readonly unsent: Unsent;
}

function App({ session, unsent }: AppProps) {
  const kept = standIn.value;
  const chat = session.chat.value ?? kept?.chat;
  const code = arrival.value;
  if (code) return <Arrival key={code} session={session} code={code} />;
  if (!chat) {
    const takesNames = auth !== "jwt";
    return <SignInView {...{ session, unsent, takesNames, signInUrl }} />;
  }
  const url = auth === "jwt" ? signOutUrl : undefined;
  const onClick = () => {
    // Nothing is left to the next user.
    unsent.discard();
    forgetEmoji();
    if (kept) kept.leave();
    else if (url) session.leave();
    else session.signOut();
  };
  const signOut = auth !== "jwt" || url ? { url, onClick } : undefined;
  return <Page key={chat.self.publicToken} chat={chat} signOut={signOut} />;
}

interface ArrivalProps {
  readonly session: ChatSession;
  readonly code: string;
}

function Arrival({ session, code }: ArrivalProps) {
  useEffect(() => void account.load(), []);
  const onDone = () => arrival.value = undefined;
  const url = new URL(".", document.baseURI);
  return account.value
    ? <account.value.ArrivalView {...{ session, url, code, onDone }} />
    : <p class="empty" role="status">{strings.value.loading}</p>;
}

interface PageProps {
  readonly chat: Chat;
  readonly signOut: SignOut | undefined;
}

function Page({ chat, signOut }: PageProps) {
  const page = useMemo(() => new PageState(chat), [chat]);
  useMemo(() => {
    Object.assign(messageTools, editingTools(chat), replyTools(chat), pageTools(page));
    Object.assign(composerTools, mentionTools(page), fileSending(chat));
    Object.assign(messageTools, fileViews(chat, messageTools));
  }, [page]);
  // In `useMemo`, because the route selects the conversation that is rendered first.
  const route = useMemo(() => new HashRoute(page), [page]);
  useEffect(() => () => {
    route[Symbol.dispose]();
    page[Symbol.dispose]();
  }, [page, route]);
  useEffect(() => {
    // What an earlier page or another tab has not sent.
    const open = () => {
      if (hasUnsentFiles()) filesPart.load().then((files) => files?.openQueue(chat));
    };
    open();
    const stop = watchUnsent(open);
    return () => {
      stop();
      filesPart.value?.closeQueue(chat);
    };
  }, [chat]);
  return <ChatView page={page} signOut={signOut} />;
}
