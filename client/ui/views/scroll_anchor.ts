/** Distance in px from the end within which the list counts as being at its end. */
const END_DISTANCE = 48;
/** Distance in px from the start within which earlier messages are loaded. */
const START_DISTANCE = 400;
/** How much of a message must be visible, in px, to count as seen. */
const SEEN_HEIGHT = 24;

interface AnchorPosition {
  readonly element: Element;
  /** Distance in px from the top of the list, at the time when the list had this `scrollTop`. */
  readonly top: number;
  readonly scrollTop: number;
}

/**
 * Keeps the visible messages in place while a scrolled list changes above or below them; a list that is at its end
 * stays at its end. `MessageList` creates one for each list and calls `restore` after every render. The list's content
 * has children that contain messages (`[data-id]`).
 */
export class ScrollAnchor implements Disposable {
  readonly #list: HTMLElement;
  readonly #content: HTMLElement;
  readonly #resizeObserver: ResizeObserver;
  readonly #onMove: () => void;
  #position: AnchorPosition | undefined;
  isAtEnd = true;
  #lastTop = 0;
  readonly #onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    if (clientHeight === 0) return; // The list is hidden: the user cannot have scrolled it.
    // The list may have grown since the last event: only scrolling up leaves the end.
    const isLeaving = scrollTop < this.#lastTop - 1;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < END_DISTANCE;
    this.isAtEnd = isNearEnd || this.isAtEnd && !isLeaving;
    // Who scrolls up slowly is near the end at first, and must not be taken back there.
    if (isLeaving && this.isAtEnd) this.#remember();
    else this.restore();
    this.#onMove();
  };

  /** What is unfolded grows downwards, also at the end of the list. */
  readonly #onFold = () => {
    this.isAtEnd = false;
    this.restore();
  };

  /** `onMove` is called when other messages may have become visible. */
  constructor(list: HTMLElement, content: HTMLElement, onMove: () => void) {
    this.#list = list;
    this.#content = content;
    this.#onMove = onMove;
    // Chunks get their real height when they become visible, and texts wrap again: neither causes a scroll event.
    this.#resizeObserver = new ResizeObserver(() => {
      this.restore();
      this.#onMove();
    });
    this.#resizeObserver.observe(list);
    this.#resizeObserver.observe(content);
    list.addEventListener("fold", this.#onFold);
    list.addEventListener("scroll", this.#onScroll, { passive: true });
  }

  get isNearStart(): boolean {
    return this.#list.clientHeight > 0 && this.#list.scrollTop < START_DISTANCE;
  }

  /** The id of the last message that is visible. */
  get lastSeen(): number | undefined {
    const bottom = this.#list.getBoundingClientRect().bottom - SEEN_HEIGHT;
    const seen = this.#lastMessage((element) => element.getBoundingClientRect().top < bottom);
    return Number(seen?.getAttribute("data-id")) || undefined;
  }

  /** Scrolls back to the anchor. Call it after each change of the list. */
  restore(): void {
    if (this.isAtEnd) return this.goToEnd();
    const position = this.#position;
    if (position?.element.isConnected) {
      const scrolled = this.#list.scrollTop - position.scrollTop;
      const moved = this.#topOf(position.element) - (position.top - scrolled);
      if (Math.abs(moved) >= 0.5) this.#list.scrollTop += moved;
    }
    this.#remember();
  }

  goToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#lastTop = this.#list.scrollTop;
    this.#position = undefined;
    this.isAtEnd = true;
  }

  /** Scrolls to the end, or as far up as needed to show the first element that matches `selector`. */
  show(selector: string): void {
    const element = this.#content.querySelector(selector);
    if (!element) return;
    this.goToEnd();
    if (this.#topOf(element) >= 0) return;
    this.#list.scrollTop += this.#topOf(element) - this.#list.clientHeight / 5;
    this.isAtEnd = false;
    this.restore();
    this.#onMove();
  }

  [Symbol.dispose](): void {
    this.#resizeObserver.disconnect();
    this.#list.removeEventListener("fold", this.#onFold);
    this.#list.removeEventListener("scroll", this.#onScroll);
  }

  #remember(): void {
    this.#position = this.#findPosition();
    this.#lastTop = this.#list.scrollTop;
  }

  #topOf(element: Element): number {
    return element.getBoundingClientRect().top - this.#list.getBoundingClientRect().top;
  }

  #findPosition(): AnchorPosition | undefined {
    const top = this.#list.getBoundingClientRect().top;
    const message = this.#lastMessage((message) => message.getBoundingClientRect().top <= top);
    // Above the body of a message, a heading can appear or disappear.
    const element = message?.querySelector(".body") ?? message;
    return element && { element, top: this.#topOf(element), scrollTop: this.#list.scrollTop };
  }

  /** Finds the last message for which `isAbove` holds; if there is none, the first message of the list. */
  #lastMessage(isAbove: (element: Element) => boolean): Element | undefined {
    const chunk = findLast(this.#content.children, isAbove);
    const messages = chunk?.querySelectorAll("[data-id]") ?? [];
    return findLast(messages, isAbove) ?? messages[0] ??
      this.#content.querySelector("[data-id]") ?? undefined;
  }
}

/** Binary search: `isAbove` holds for all elements up to the one that is returned. */
function findLast(
  elements: ArrayLike<Element>,
  isAbove: (element: Element) => boolean,
): Element | undefined {
  let [start, end] = [0, elements.length];
  while (start < end) {
    const middle = (start + end) >> 1;
    const element = elements[middle];
    if (element && isAbove(element)) start = middle + 1;
    else end = middle;
  }
  return elements[start - 1];
}
