import type { Message } from "../comet/halley.ts";
import type { WidgetSession } from "./chat/widget_session.ts";
import type { VisitorTokens } from "./chat/visitor_tokens.ts";
import type * as chatModule from "./chat/widget_chat.tsx";
// @ts-ignore: The build makes this text, of launcher.css.
import style from "../../static/built/widget.css" with { type: "text" };
import { Launcher } from "./launcher.ts";
import { storageKey, type WidgetOptions } from "./options.ts";
import { type Strings, stringsIn } from "./strings.ts";
import { sheetOf } from "./sheet.ts";

/** What the element tells, as events that bubble. */
export interface WidgetEvents {
  readonly "halley:open": undefined;
  readonly "halley:close": undefined;
  /** What was said in the room, by whomever. */
  readonly "halley:message": Message;
  /** Another number of messages is unread. */
  readonly "halley:unread": number;
}

/** `<halley-widget>`: a room of a Halley server, in a corner of any page. It is there while it stands in the page. */
export class HalleyWidget extends HTMLElement {
  readonly #options: WidgetOptions;
  readonly #root = this.attachShadow({ mode: "open" });
  readonly #phrases: Strings;
  readonly #title: string;
  #launcher: Launcher | undefined;
  #loading: Promise<WidgetSession> | undefined;
  #visit: WidgetSession | undefined;
  #tokens: VisitorTokens | undefined;
  #isOpen = false;
  /** How often the chat could not be loaded. */
  #failures = 0;

  constructor(options: WidgetOptions) {
    super();
    this.#options = options;
    this.#phrases = stringsIn([options.lang, ...navigator.languages]);
    this.#title = options.title ?? this.#phrases.chat;
    // Shortcuts of the page are not meant for what one writes here, and could not tell that it is written.
    for (const type of ["keydown", "keypress", "keyup"]) {
      this.#root.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  connectedCallback(): void {
    const { theme, position, isOpen, server, tokenUrl } = this.#options;
    this.dataset.theme ??= theme ?? "system";
    this.dataset.position ??= position ?? "right";
    this.#rise();
    this.#launcher = new Launcher({
      title: this.#title,
      phrases: this.#phrases,
      onClick: () => this.toggle(),
      onNear: () => this.#load().catch(() => {}), // A click tells what is wrong.
    });
    this.#root.adoptedStyleSheets = [sheetOf(style, this.#rem)];
    this.#root.replaceChildren(this.#launcher.frame);
    if (isOpen) this.#open(false);
    else if (tokenUrl || this.#tokens || isKept(storageKey(server))) this.#load().catch(() => {});
  }

  disconnectedCallback(): void {
    this.#isOpen = false;
    this.#visit?.[Symbol.dispose]();
    this.#visit = this.#loading = this.#launcher = undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How much was said in the room since one last looked there: 100 means that much or more. */
  get unread(): number {
    return this.#visit?.unread.value ?? 0;
  }

  /** Opens the chat, which takes the focus. */
  open(): void {
    if (this.#isOpen) return;
    this.#open(true);
    this.#tell("halley:open", undefined);
  }

  /** Closes the chat; the focus goes back to its button, if it was in the chat. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#launcher?.setOpen(false);
    this.#visit?.close();
    this.#tell("halley:close", undefined);
  }

  toggle(): void {
    if (this.#isOpen) this.close();
    else this.open();
  }

  /** Signs in with that name, without asking for one; out of any other. */
  async signIn(name: string): Promise<void> {
    await (await this.#load()).signIn(name);
  }

  /** From now on the page says who its visitor is, by tokens of its application: instead of asking for a name. */
  async useTokens(getToken: VisitorTokens["getToken"], user?: string): Promise<void> {
    this.#tokens = { getToken, ...(user !== undefined && { user }) };
    const visit = this.#visit;
    if (visit) await visit.useTokens(this.#tokens);
    else await this.#load();
  }

  async signOut(): Promise<void> {
    await (await this.#load()).signOut();
  }

  async #open(takesFocus: boolean): Promise<void> {
    this.#isOpen = true;
    this.#launcher?.setOpen(true);
    try {
      const visit = await this.#load();
      // It may have been closed meanwhile.
      if (this.#isOpen) visit.open(takesFocus);
    } catch {
      this.close();
      this.#launcher?.tell(this.#phrases.failed);
    }
  }

  /** The chat, which is a script of its own: whoever never opens it never loads it. */
  #load(): Promise<WidgetSession> {
    return this.#loading ??= this.#putChat().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
  }

  async #putChat(): Promise<WidgetSession> {
    const launcher = this.#launcher;
    const { putChat } = await this.#importChat();
    if (!launcher || launcher !== this.#launcher) throw new Error("The widget was taken away");
    return this.#visit = putChat({
      root: this.#root,
      frame: launcher.frame,
      options: this.#options,
      tokens: this.#tokens,
      title: this.#title,
      phrases: this.#phrases,
      rem: this.#rem,
      onMessage: (message) => this.#tell("halley:message", message),
      onUnread: (count, status) => {
        launcher.setUnread(count, status);
        this.#tell("halley:unread", count);
      },
      onClose: () => this.close(),
      onLeave: () => launcher.focus(),
    });
  }

  async #importChat(): Promise<typeof chatModule> {
    // A browser keeps in mind that a module could not be loaded: each further try needs another address.
    const again = this.#failures > 0 ? `?again=${this.#failures}` : "";
    try {
      return await import(`${this.#options.server}${this.#phrases.script}${again}`);
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  /** The size of text that the reader has chosen: the element begins with the initial style, whatever the page's is. */
  get #rem(): number {
    return parseFloat(getComputedStyle(this).fontSize);
  }

  #tell<Name extends keyof WidgetEvents>(name: Name, detail: WidgetEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  /** Above everything on the page, whatever order that has. */
  #rise(): void {
    if (!("showPopover" in this)) return;
    this.popover = "manual";
    this.showPopover();
  }
}

function isKept(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false; // Storage may be forbidden.
  }
}
