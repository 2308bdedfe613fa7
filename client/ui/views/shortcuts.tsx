import { useEffect } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { shownMessages } from "../state/visit.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PageState, SearchWish } from "../state/page_state.ts";
import { hasSingleKeys } from "../state/settings.ts";
import { finding } from "./finding_part.ts";
import { FailureDialog } from "./page_dialogs.tsx";
import { search } from "./search_part.tsx";

const FIELD = "input, textarea, select, [contenteditable]";
const MENU = "[role=dialog], [aria-expanded=true]";
const COMPOSER = ".composer textarea:not(:read-only)";

/** The keys of the page outside of its lists, and the dialogs that they open. */
export function Shortcuts({ page }: { readonly page: PageState }) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (press(event, page)) event.preventDefault();
    };
    // Before what else Escape does.
    const onFirst = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !event.shiftKey || isBusy(event)) return;
      event.preventDefault();
      event.stopPropagation();
      page.markAllRead();
    };
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("keydown", onFirst, true);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("keydown", onFirst, true);
    };
  }, [page]);
  const onClose = () => page.dialog.value = undefined;
  const onSearch = (words: string) => openSearch(page, { words, isEverywhere: true });
  const { Switcher, KeysDialog } = finding.value ?? {};
  const { JumpDialog } = search.value ?? {};
  switch (page.dialog.value) {
    case "switcher":
      return Switcher ? <Switcher {...{ page, onClose, onSearch }} /> : null;
    case "keys":
      return KeysDialog ? <KeysDialog onClose={onClose} /> : null;
    case "date":
      return JumpDialog ? <JumpDialog page={page} onClose={onClose} /> : null;
    case "failure":
      return <FailureDialog onClose={onClose} />;
    default:
      return null;
  }
}

/** What is typed while the switcher or the search is being loaded; undefined if neither is. */
let typedAhead: string | undefined;

/** Opens the search for messages. */
export async function openSearch(page: PageState, wish: SearchWish = {}): Promise<void> {
  typedAhead = "";
  const isLoaded = await search.load();
  const words = wish.words ?? typedAhead;
  typedAhead = undefined;
  if (isLoaded) page.openSearch({ ...wish, words });
  else page.dialog.value = "failure";
}

/** Opens a dialog, or if it cannot be loaded, the search above the list. */
export async function openDialog(page: PageState, dialog: "switcher" | "keys"): Promise<void> {
  typedAhead = dialog === "switcher" ? "" : undefined;
  const isLoaded = await finding.load();
  const typed = typedAhead;
  typedAhead = undefined;
  if (isLoaded) {
    page.typedAhead = typed ?? "";
    page.dialog.value = dialog;
    return;
  }
  const field = document.querySelector<HTMLElement>(".conversations .search");
  if (!field?.offsetParent) page.pane.value = "list";
  field?.focus();
}

/** Returns whether the key has done something that replaces what the browser would do. */
function press(event: KeyboardEvent, page: PageState): boolean {
  const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
  if (isBusy(event) || !(target instanceof Element)) return false;
  if ((ctrlKey !== metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k") {
    openDialog(page, "switcher");
    return true;
  }
  if ((ctrlKey !== metaKey) && !altKey && shiftKey && key.toLowerCase() === "f") {
    openSearch(page);
    return true;
  }
  if (altKey && !ctrlKey && !metaKey && (key === "ArrowUp" || key === "ArrowDown")) {
    page.step(key === "ArrowUp" ? -1 : 1, shiftKey);
    return true;
  }
  if (typedAhead !== undefined) {
    if (isCharacter(key)) typedAhead += key;
    return true;
  }
  if (altKey || ctrlKey || metaKey || target.matches(FIELD) || target.closest(MENU)) return false;
  if (hasSingleKeys.value && key === "?") {
    openDialog(page, "keys");
    return true;
  }
  if (hasSingleKeys.value && key === "r") return reply(page, target);
  // The browser inserts the character into the field that has the focus then.
  if (isCharacter(key) && key !== " ") focusComposer();
  return false;
}

function isBusy({ defaultPrevented, isComposing }: KeyboardEvent): boolean {
  return defaultPrevented || isComposing || document.querySelector("dialog[open]") !== null;
}

/** Replies to the message that has the focus, or to the newest one of others. */
function reply(page: PageState, target: Element): boolean {
  const conversation = page.chat.conversations.selected.peek();
  const focused = Number(target.closest("[data-id]")?.getAttribute("data-id"));
  const message = conversation && [...shownMessages(conversation)]
    .find((one) => focused ? one.id === focused : !conversation.isOwn(one) && hasText(one));
  if (!conversation || !message || !canReply(conversation, message)) return false;
  conversation.draft.replyTo(message);
  focusComposer();
  return true;
}

function canReply({ kind, history }: Conversation, message: Message): boolean {
  return kind !== "notices" && !history.isReadOnly.peek() && hasText(message);
}

function hasText({ text, event }: Message): boolean {
  return text !== undefined && event === undefined;
}

function focusComposer(): void {
  document.querySelector<HTMLElement>(COMPOSER)?.focus();
}

function isCharacter(key: string): boolean {
  return [...key].length === 1;
}
