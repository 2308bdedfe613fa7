import { effect, untracked } from "@preact/signals";
import { shortAddress } from "./address.ts";
import type { PageState, Pane } from "./page_state.ts";

/** Screens that show one pane at a time, as in the style sheets. */
const NARROW = "(width < 44rem)";

/** The state of an entry in the browser's history. */
interface RouteState {
  readonly pane: Pane;
  /** Whether the entry before it is the list of conversations. */
  readonly isFromList: boolean;
}

/**
 * Keeps the fragment of the page's URL (`#room:tea`) and the selected conversation in step, so that reloads, links and
 * the back button work. On a narrow screen the list of conversations has no fragment, and back leads there.
 */
export class HashRoute implements Disposable {
  /** The one that follows the address now. */
  static #current: HashRoute;
  readonly #page: PageState;
  readonly #stop: () => void;
  #isFollowing = false;
  readonly #follow = () => {
    this.#isFollowing = true;
    const fragment = readFragment();
    if (fragment !== "") this.#page.go(fragment);
    this.#page.pane.value = fragment === "" ? "list" : this.#storedPane;
    this.#isFollowing = false;
  };

  constructor(page: PageState) {
    HashRoute.#current = this;
    this.#page = page;
    const { chat } = page;
    if (readFragment() !== "") page.go(readFragment());
    else if (chat.conversations.home && !matchMedia(NARROW).matches) {
      page.select(chat.conversations.home);
    }
    addEventListener("popstate", this.#follow);
    let isFirst = true;
    this.#stop = effect(() => {
      const pane = page.pane.value;
      const channel = chat.conversations.selected.value?.channel;
      const isList = channel === undefined || pane === "list" && matchMedia(NARROW).matches;
      const fragment = isList ? "" : `#${shortAddress(channel, chat.self.publicToken)}`;
      untracked(() => this.#write(pane, fragment, isFirst));
      isFirst = false;
    });
  }

  [Symbol.dispose](): void {
    this.#stop();
    removeEventListener("popstate", this.#follow);
    // Another one has taken its place, for the same person.
    if (HashRoute.#current !== this) return;
    history.replaceState(null, "", location.pathname + location.search);
  }

  /** The search is closed after a reload, and when the user has closed it. */
  get #storedPane(): Pane {
    const { pane = "conversation" } = readState() ?? {};
    return pane === "search" && !this.#page.search.peek() ? "conversation" : pane;
  }

  #write(pane: Pane, fragment: string, isFirst: boolean): void {
    const old = `#${readFragment()}`;
    const isSame = old === (fragment || "#") && readState()?.pane === pane;
    if (this.#isFollowing || isSame) return;
    const url = location.pathname + location.search + fragment;
    const isBack = pane === "list" && readState()?.isFromList === true;
    if (isBack) return history.back();
    const state: RouteState = { pane, isFromList: !isFirst && old === "#" };
    // The first route, and a way back that is not the previous entry, add nothing to the history.
    if (isFirst || pane === "list") history.replaceState(state, "", url);
    else history.pushState(state, "", url);
  }
}

function readFragment(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // Invalid escapes.
  }
}

/** The state of the current entry, which may be of another page. */
function readState(): Partial<RouteState> | null {
  return history.state;
}
