import { DEFAULT_HOME as LOBBY } from "../../../server/protocol/channel.ts";
import { effect, untracked } from "@preact/signals";
import { shortAddress } from "./address.ts";
import type { Chat, Pane } from "./chat.ts";

/** Where one screen has room for one thing only, as in the style sheets. */
const NARROW = "(width < 44rem)";

interface Place {
  readonly pane: Pane;
  /** Whether the entry before it in the browser's history is the list. */
  readonly isFromList: boolean;
}

/**
 * Keeps the conversation that is looked at in the address bar (`#room:tea`), so that reloads, links and the back button
 * lead where one expects. On a narrow screen the list of conversations has no fragment, and back leads there.
 */
export class Fragment implements Disposable {
  readonly #chat: Chat;
  readonly #stop: () => void;
  #isFollowing = false;
  readonly #follow = () => {
    this.#isFollowing = true;
    const fragment = readFragment();
    if (fragment !== "") this.#chat.go(fragment);
    this.#chat.pane.value = fragment === "" ? "list" : placeNow()?.pane ?? "conversation";
    this.#isFollowing = false;
  };

  constructor(chat: Chat) {
    this.#chat = chat;
    if (readFragment() !== "") chat.go(readFragment());
    else if (!matchMedia(NARROW).matches) chat.go(LOBBY);
    addEventListener("popstate", this.#follow);
    let isFirst = true;
    this.#stop = effect(() => {
      const pane = chat.pane.value;
      const channel = chat.conversations.selected.value?.channel;
      if (channel === undefined) return;
      const fragment = pane === "list" ? "" : `#${shortAddress(channel, chat.self.publicToken)}`;
      untracked(() => this.#write(pane, fragment, isFirst));
      isFirst = false;
    });
  }

  [Symbol.dispose](): void {
    this.#stop();
    removeEventListener("popstate", this.#follow);
    history.replaceState(null, "", location.pathname + location.search);
  }

  #write(pane: Pane, fragment: string, isFirst: boolean): void {
    const old = `#${readFragment()}`;
    const isSame = old === (fragment || "#") && placeNow()?.pane === pane;
    if (this.#isFollowing || isSame) return;
    const url = location.pathname + location.search + fragment;
    const isBack = pane === "list" && placeNow()?.isFromList === true;
    if (isBack) return history.back();
    const place: Place = { pane, isFromList: !isFirst && old === "#" };
    // What is not chosen by a person, and a step back that cannot be one, leaves no trace.
    if (isFirst || pane === "list") history.replaceState(place, "", url);
    else history.pushState(place, "", url);
  }
}

function readFragment(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // Somebody else's escapes.
  }
}

function placeNow(): Place | undefined {
  const { state } = history;
  const isPlace = typeof state === "object" && state !== null && "pane" in state;
  return isPlace ? state : undefined;
}
