/** Nearer to an edge than this counts as being there, in pixels. */
const END = 48;
const START = 400;
/** Of a message, so much must be in sight to count as seen. */
const SEEN = 24;

interface Anchor {
  readonly element: Element;
  /** Where it stood, from the top of the list, when the list was scrolled so far. */
  readonly top: number;
  readonly scrollTop: number;
}

/**
 * Keeps what is read in its place while a scrolled list changes: at its end the end, anywhere else the same message,
 * whatever comes, goes or grows above it. The list holds messages (`[data-id]`) in its content's children.
 */
export class ScrollKeeper implements Disposable {
  readonly #list: HTMLElement;
  readonly #content: HTMLElement;
  readonly #resizes: ResizeObserver;
  readonly #onMove: () => void;
  #anchor: Anchor | undefined;
  isAtEnd = true;
  #lastTop = 0;
  readonly #note = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    if (clientHeight === 0) return; // Nobody sees it, so nobody has scrolled.
    // The list may have grown since, but one leaves the end only by scrolling up.
    const isLeaving = scrollTop < this.#lastTop - 1;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < END || this.isAtEnd && !isLeaving;
    this.restore();
    this.#onMove();
  };

  /** `onMove` is called when something else is in sight. */
  constructor(list: HTMLElement, content: HTMLElement, onMove: () => void) {
    this.#list = list;
    this.#content = content;
    this.#onMove = onMove;
    // Chunks that come into sight get their true height, and texts wrap anew: nothing else tells of that.
    this.#resizes = new ResizeObserver(() => {
      this.restore();
      this.#onMove();
    });
    this.#resizes.observe(list);
    this.#resizes.observe(content);
    list.addEventListener("scroll", this.#note, { passive: true });
  }

  get isNearStart(): boolean {
    return this.#list.clientHeight > 0 && this.#list.scrollTop < START;
  }

  /** The id of the last message in sight. */
  get lastSeen(): number | undefined {
    const bottom = this.#list.getBoundingClientRect().bottom - SEEN;
    const seen = this.#last((element) => element.getBoundingClientRect().top < bottom);
    const id = Number(seen?.getAttribute("data-id"));
    return seen && Number.isFinite(id) ? id : undefined;
  }

  /** To be called whenever the list has changed. */
  restore(): void {
    if (this.isAtEnd) return this.goToEnd();
    const anchor = this.#anchor;
    if (anchor?.element.isConnected) {
      const scrolled = this.#list.scrollTop - anchor.scrollTop;
      const moved = this.#topOf(anchor.element) - (anchor.top - scrolled);
      if (Math.abs(moved) >= 0.5) this.#list.scrollTop += moved;
    }
    this.#anchor = this.#findAnchor();
    this.#lastTop = this.#list.scrollTop;
  }

  goToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#lastTop = this.#list.scrollTop;
    this.#anchor = undefined;
    this.isAtEnd = true;
  }

  /** Shows the first element of that kind near the top, unless it is in sight when the end is. */
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
    this.#resizes.disconnect();
    this.#list.removeEventListener("scroll", this.#note);
  }

  #topOf(element: Element): number {
    return element.getBoundingClientRect().top - this.#list.getBoundingClientRect().top;
  }

  #findAnchor(): Anchor | undefined {
    const top = this.#list.getBoundingClientRect().top;
    const element = this.#last((one) => one.getBoundingClientRect().top <= top);
    return element && { element, top: this.#topOf(element), scrollTop: this.#list.scrollTop };
  }

  /** The last message for which `is` holds, as it does for all above it; else the next one. */
  #last(is: (element: Element) => boolean): Element | undefined {
    const part = lastOf(this.#content.children, is);
    const messages = part?.querySelectorAll("[data-id]") ?? [];
    return lastOf(messages, is) ?? messages[0] ?? this.#content.querySelector("[data-id]") ??
      undefined;
  }
}

function lastOf(all: ArrayLike<Element>, is: (element: Element) => boolean): Element | undefined {
  let [first, end] = [0, all.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    const element = all[middle];
    if (element && is(element)) first = middle + 1;
    else end = middle;
  }
  return all[first - 1];
}
