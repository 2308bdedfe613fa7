import { type Launcher as LauncherStrings, launcher } from "../ui/i18n/en/launcher.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Paths of the comet, and of the cross that closes the chat. */
const COMET = "M21 12C14 13 7 17 2.5 26 8 21 14 18 22.5 16z";
const HEAD = "M27.5 13a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0";
const CROSS = "m10 10 12 12m0-12-12 12";

/** Larger numbers of unread messages are shown as "99+". */
const MAX_COUNT = 99;

export interface LauncherOptions {
  /** Attributes of the script's tag: `title`, `button`, `logo`, and `color`, with which that of the text on it may follow. */
  readonly data: Readonly<DOMStringMap>;
  readonly onClick: () => void;
  /** Called once, when the pointer enters the button: a click may follow. */
  readonly onNear: () => void;
}

/** The button in the corner, with the number of unread messages, and the frame in which the chat opens. */
export class Launcher {
  /** Contains the whole widget. */
  readonly frame = document.createElement("section");
  readonly #button = document.createElement("button");
  readonly #status = document.createElement("p");
  readonly #data: Readonly<DOMStringMap>;
  #strings: LauncherStrings = launcher;
  #isOpen = false;
  #count = "";

  constructor({ data, onClick, onNear }: LauncherOptions) {
    const [button, status] = [this.#button, this.#status];
    this.#data = data;
    Object.assign(this.frame, { className: "widget", dir: "ltr" });
    Object.assign(button, { className: "launcher", type: "button", part: "launcher" });
    Object.assign(status, { className: "status", role: "status" });
    button.append(data.logo ? image(data.logo) : icon("comet", COMET, HEAD), icon("cross", CROSS));
    if (data.button) button.dataset.label = data.button;
    const [color, text = "#fff"] = data.color?.split(" ") ?? [];
    if (color) this.frame.style.cssText = `--halley-color:${color};--halley-on-color:${text}`;
    button.addEventListener("click", onClick);
    button.addEventListener("pointerenter", onNear, { once: true });
    this.frame.append(button, status);
    this.#render();
  }

  /** The name of the chat. */
  get title(): string {
    return this.#data.title?.trim() || this.#strings.chat;
  }

  translate(strings: LauncherStrings): void {
    this.#strings = strings;
    this.#render();
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.showStatus("");
    this.#render();
  }

  /** `status` is the number in words, for screen readers. */
  setUnread(unread: number, status: string): void {
    this.#count = unread > MAX_COUNT ? `${MAX_COUNT}+` : String(unread || "");
    this.#status.textContent = status;
    this.#render();
  }

  /** Without `status`, it says that the chat could not be loaded. */
  showStatus(status: string = this.#strings.failed): void {
    this.#status.textContent = this.#button.title = status;
  }

  focus(): void {
    this.#button.focus({ preventScroll: true });
  }

  #render(): void {
    const count = this.#count && ` (${this.#count})`;
    this.frame.ariaLabel = this.title;
    this.#button.ariaExpanded = String(this.#isOpen);
    this.#button.ariaLabel = this.#isOpen
      ? this.#strings.close
      : (this.#data.button || this.#strings.open) + count;
    this.#button.dataset.unread = this.#isOpen ? "" : this.#count;
  }
}

function image(src: string): HTMLImageElement {
  return Object.assign(new Image(), { src, alt: "" });
}

function icon(name: string, ...paths: readonly string[]): SVGElement {
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
