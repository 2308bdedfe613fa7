import type { Strings } from "./strings.ts";

const SVG = "http://www.w3.org/2000/svg";

/** The comet, and the cross that closes. */
const COMET = "M21 12C14 13 7 17 2.5 26 8 21 14 18 22.5 16z";
const HEAD = "M27.5 13a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0";
const CROSS = "m10 10 12 12m0-12-12 12";

/** More than that are not told apart. */
const MOST = 99;

/** The round button in the corner, and a place beside it where the chat opens. */
export class Launcher {
  /** Holds all of the widget. */
  readonly frame = document.createElement("section");
  readonly #button = document.createElement("button");
  readonly #status = document.createElement("p");
  readonly #phrases: Strings;
  #isOpen = false;
  #shown = "";

  constructor({ title, phrases, onClick, onNear }: {
    readonly title: string;
    readonly phrases: Strings;
    readonly onClick: () => void;
    /** Somebody is about to click. */
    readonly onNear: () => void;
  }) {
    const [button, status] = [this.#button, this.#status];
    this.#phrases = phrases;
    Object.assign(this.frame, { className: "widget", dir: "ltr", ariaLabel: title });
    Object.assign(button, { className: "launcher", type: "button" });
    Object.assign(status, { className: "status", role: "status" });
    button.append(drawing("comet", COMET, HEAD), drawing("cross", CROSS));
    button.addEventListener("click", onClick);
    button.addEventListener("pointerenter", onNear, { once: true });
    this.frame.append(button, status);
    this.#show();
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.tell("");
    this.#show();
  }

  /** `status` says the same as `unread`, in words. */
  setUnread(unread: number, status: string): void {
    this.#shown = unread > MOST ? `${MOST}+` : String(unread || "");
    this.#status.textContent = status;
    this.#show();
  }

  /** Says something that went wrong. */
  tell(status: string): void {
    this.#status.textContent = this.#button.title = status;
  }

  focus(): void {
    this.#button.focus({ preventScroll: true });
  }

  #show(): void {
    const { open, close } = this.#phrases;
    this.#button.ariaExpanded = String(this.#isOpen);
    this.#button.ariaLabel = this.#isOpen ? close : this.#shown ? `${open} (${this.#shown})` : open;
    this.#button.dataset.unread = this.#isOpen ? "" : this.#shown;
  }
}

function drawing(name: string, ...paths: readonly string[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.ariaHidden = "true";
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
