/** Nearer to an edge than this counts as being there, in pixels. */
const END = 48;
const START = 240;

/**
 * Keeps what is read in its place while a scrolled list grows: at its end the end, anywhere else the same messages,
 * however many come above them.
 */
export class ScrollKeeper implements Disposable {
  readonly #list: HTMLElement;
  readonly #resizes: ResizeObserver;
  readonly #onScroll: () => void;
  #first: number | undefined;
  #height = 0;
  isAtEnd = true;
  readonly #note = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < END;
    this.#onScroll();
  };

  constructor(list: HTMLElement, onScroll: () => void) {
    this.#list = list;
    this.#onScroll = onScroll;
    this.#resizes = new ResizeObserver(() => this.isAtEnd && this.goToEnd());
    this.#resizes.observe(list);
    list.addEventListener("scroll", this.#note, { passive: true });
  }

  get isNearStart(): boolean {
    return this.#list.scrollTop < START;
  }

  /** To be called whenever the list has changed; `first` names its first message. */
  restore(first: number | undefined): void {
    const hasGrownAbove = first !== this.#first;
    if (this.isAtEnd) this.goToEnd();
    else if (hasGrownAbove) this.#list.scrollTop += this.#list.scrollHeight - this.#height;
    this.#first = first;
    this.#height = this.#list.scrollHeight;
  }

  goToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.isAtEnd = true;
  }

  [Symbol.dispose](): void {
    this.#resizes.disconnect();
    this.#list.removeEventListener("scroll", this.#note);
  }
}
