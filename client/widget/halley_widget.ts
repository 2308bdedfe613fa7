import type { Message } from "../comet/halley.ts";
import type { PartialDictionary } from "../ui/i18n/dictionary.ts";
import type { TokenProvider } from "../ui/state/application_tokens.ts";
import type * as chatModule from "./chat/widget_chat.tsx";
import type { WidgetSession } from "./chat/widget_session.ts";
// @ts-ignore: `deno task build` makes this text from launcher.css.
import launcherCss from "../../static/built/widget.css" with { type: "text" };
import type { Launcher as LauncherStrings } from "../ui/i18n/en/launcher.ts";
import { Launcher } from "./launcher.ts";
import { roomKey, sessionKey, type WidgetOptions } from "./options.ts";
import { readStored, writeStored } from "./stored.ts";
import { styleSheet } from "./style_sheet.ts";
import { languageOf, OWN_LANGUAGE } from "./widget_language.ts";

/** What is stored while the chat is open. */
const OPEN = "open";

type WidgetSentences = PartialDictionary & { readonly launcher: LauncherStrings };

/** Events of the element, with their `detail`. They bubble. */
export interface WidgetEvents {
  readonly "halley:open": undefined;
  readonly "halley:close": undefined;
  /** A message in the room, own messages too. */
  readonly "halley:message": Message;
  /** A notice, to everyone or to the visitor, once the chat was open. */
  readonly "halley:notice": Message;
  /** The new number of unread messages. */
  readonly "halley:unread": number;
}

/**
 * `<halley-widget>`: a room of a Halley server in a corner of any page. Shows the launcher, and loads the chat when the
 * visitor opens it. On further pages it connects at once, and is open if it was: the page's storage has that under
 * `roomKey`. Reads only while it is in the document.
 */
export class HalleyWidget extends HTMLElement {
  readonly #options: WidgetOptions;
  readonly #root = this.attachShadow({ mode: "open" });
  #language: string;
  #launcher: Launcher | undefined;
  #loading: Promise<WidgetSession> | undefined;
  #widget: WidgetSession | undefined;
  #tokens: TokenProvider | undefined;
  #isOpen = false;
  /** How often the chat could not be loaded. */
  #failures = 0;

  constructor(options: WidgetOptions) {
    super();
    this.#options = options;
    this.#language = languageOf(options.data.lang);
    // Keyboard shortcuts of the page would see the element as the target, not the text field in it.
    for (const type of ["keydown", "keypress", "keyup"]) {
      this.#root.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  connectedCallback(): void {
    const { data } = this.#options;
    this.dataset.theme ??= data.theme ?? "system";
    this.dataset.position ??= data.position ?? "right";
    this.#showOnTop();
    this.#launcher = new Launcher({
      data,
      onClick: () => this.toggle(),
      onNear: () => this.#importChat().catch(() => {}), // A click shows the error.
    });
    this.#root.adoptedStyleSheets = [styleSheet(launcherCss, this.#rem)];
    this.#root.replaceChildren(this.#launcher.frame);
    if (this.#language !== OWN_LANGUAGE) this.#translate().catch(() => {}); // A click shows the error.
    const state = this.#storedState;
    if (state ? state === OPEN : (data.open ?? "false") !== "false") this.#open(false);
    else if (this.#connectsClosed) this.#load().catch(() => {});
  }

  disconnectedCallback(): void {
    this.#isOpen = false;
    this.#widget?.[Symbol.dispose]();
    this.#widget = this.#loading = this.#launcher = undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Number of unread messages since the visitor last looked; 100 means that many or more. */
  get unread(): number {
    return this.#widget?.unread.value ?? 0;
  }

  /** Opens the chat and moves the focus there. */
  open(): void {
    if (this.#isOpen) return;
    writeStored(roomKey(this.#options), OPEN);
    this.#open(true);
    this.#emit("halley:open", undefined);
  }

  /** Closes the chat. If it had the focus, the launcher gets it. */
  close(): void {
    if (!this.#isOpen) return;
    writeStored(roomKey(this.#options), "closed");
    this.#close();
  }

  toggle(): void {
    if (this.#isOpen) this.close();
    else this.open();
  }

  /** Signs the visitor in with this name, out of any other session. */
  async signIn(name: string): Promise<void> {
    await (await this.#load()).session.signIn(name);
  }

  /** Signs the visitor in with tokens of the page's application, now and from now on. */
  async useTokens(getToken: TokenProvider["getToken"], user?: string): Promise<void> {
    this.#tokens = { getToken, ...(user !== undefined && { user }) };
    const widget = this.#widget;
    if (widget) await widget.useTokens(this.#tokens);
    else if (this.#connectsClosed) await this.#load();
  }

  async signOut(): Promise<void> {
    await (await this.#load()).session.signOut();
  }

  async #open(takesFocus: boolean): Promise<void> {
    this.#isOpen = true;
    this.#launcher?.setOpen(true);
    try {
      const widget = await this.#load();
      // It may have been closed in the meantime.
      if (this.#isOpen) widget.open(takesFocus);
    } catch {
      this.#close();
      this.#launcher?.showStatus();
    }
  }

  #close(): void {
    this.#isOpen = false;
    this.#launcher?.setOpen(false);
    this.#widget?.close();
    this.#emit("halley:close", undefined);
  }

  /** Whether it reads before the visitor opens it on this page. */
  get #connectsClosed(): boolean {
    const { data } = this.#options;
    const isKnown = data.tokenUrl || this.#tokens || readStored(sessionKey(this.#options));
    return data.connect === "always" || Boolean(isKnown && this.#storedState);
  }

  /** Undefined if the visitor has never opened this room. */
  get #storedState(): string | undefined {
    return readStored(roomKey(this.#options));
  }

  #load(): Promise<WidgetSession> {
    return this.#loading ??= this.#openChat().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
  }

  async #openChat(): Promise<WidgetSession> {
    const launcher = this.#launcher;
    const [{ openWidgetChat }, sentences] = await Promise.all([
      this.#importChat(),
      this.#translate().catch(() => this.#translate(OWN_LANGUAGE)),
    ]);
    if (!launcher || launcher !== this.#launcher) throw new Error("Removed");
    return this.#widget = openWidgetChat({
      root: this.#root,
      frame: launcher.frame,
      options: this.#options,
      tokens: this.#tokens,
      language: this.#language,
      sentences,
      title: launcher.title,
      rem: this.#rem,
      wasOpened: this.#storedState !== undefined,
      onMessage: (message) => this.#emit("halley:message", message),
      onNotice: (notice) => this.#emit("halley:notice", notice),
      onUnread: (count, status) => {
        launcher.setUnread(count, status);
        this.#emit("halley:unread", count);
      },
      onClose: () => this.close(),
      onFocusLost: () => launcher.focus(),
    });
  }

  /** Loads the sentences in a language. Rejects if the server does not have it. */
  async #translate(tag = this.#language): Promise<WidgetSentences> {
    const response = await fetch(`${this.#options.server}widget-${tag}.json`);
    if (!response.ok) throw new Error(tag);
    const sentences: WidgetSentences = await response.json();
    this.#launcher?.translate(sentences.launcher);
    this.#language = tag;
    return sentences;
  }

  async #importChat(): Promise<typeof chatModule> {
    // Browsers cache that a module could not be loaded, so each further attempt needs another address.
    const again = this.#failures > 0 ? `?again=${this.#failures}` : "";
    try {
      return await import(`${this.#options.server}widget-chat.js${again}`);
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  /** The font size that the visitor has chosen: the style sheet resets the element's styles. */
  get #rem(): number {
    return parseFloat(getComputedStyle(this).fontSize);
  }

  #emit<Name extends keyof WidgetEvents>(name: Name, detail: WidgetEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  /** Moves the element to the top layer, above everything on the page. */
  #showOnTop(): void {
    if (!("showPopover" in this)) return;
    this.popover = "manual";
    this.showPopover();
  }
}
