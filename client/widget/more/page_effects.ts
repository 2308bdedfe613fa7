import { effect, type ReadonlySignal } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import { formatUnread } from "../../ui/i18n/format_unread.ts";

/** Where the panel fills the screen: see `chat.css`. */
const IS_PHONE = "(max-width: 479.98px), (max-height: 419.98px)";

/** Shows the number of unread messages before the title of the page, until it is stopped. */
export function countInTitle(unread: ReadonlySignal<number>): () => void {
  let prefix = "";
  const show = (count: number) => {
    const { title } = document;
    const plain = title.startsWith(prefix) ? title.slice(prefix.length) : title;
    prefix = count > 0 ? `(${formatUnread(count)}) ` : "";
    if (title !== prefix + plain) document.title = prefix + plain;
  };
  const stop = effect(() => show(unread.value));
  return () => {
    stop();
    show(0);
  };
}

/**
 * On a phone, the browser's button Back closes the chat, which fills the screen: the open chat is an entry of the page's
 * history, with the state that the page has.
 */
export function closeOnBack(isOpen: ReadonlySignal<boolean>, close: () => void): () => void {
  return effect(() => {
    if (!isOpen.value || !matchMedia(IS_PHONE).matches) return;
    if (!isOwnEntry()) history.pushState({ ...Object(history.state), halley: true }, "");
    const onPop = () => {
      if (!isOwnEntry()) close();
    };
    addEventListener("popstate", onPop);
    return () => {
      removeEventListener("popstate", onPop);
      if (isOwnEntry()) history.back();
    };
  });
}

function isOwnEntry(): boolean {
  return isRecord(history.state) && history.state.halley === true;
}
