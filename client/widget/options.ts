/** The attributes of the script's tag: see docs/WIDGET.md. */
export interface WidgetOptions {
  /** The address of the server that the script came from, with a slash at the end. */
  readonly server: string;
  /** The channel of the room. */
  readonly channel: string;
  readonly title: string | undefined;
  /** The name under which visitors are signed in without asking. */
  readonly name: string | undefined;
  /** The address where the page's application gives tokens to its users. */
  readonly tokenUrl: string | undefined;
  /** A word that identifies the user of these tokens. */
  readonly user: string | undefined;
  readonly lang: string | undefined;
  readonly isOpen: boolean;
  readonly theme: string | undefined;
  readonly position: string | undefined;
}

const DEFAULT_ROOM = "lobby";

export function readOptions({ src, dataset }: HTMLScriptElement): WidgetOptions {
  return {
    server: new URL(".", src).href,
    channel: `room:${(dataset.room?.trim() || DEFAULT_ROOM).normalize("NFC")}`,
    title: dataset.title?.trim() || undefined,
    name: dataset.name?.trim() || undefined,
    tokenUrl: dataset.tokenUrl?.trim() || undefined,
    user: dataset.user?.trim() || undefined,
    lang: dataset.lang,
    isOpen: "open" in dataset && dataset.open !== "false",
    theme: dataset.theme,
    position: dataset.position,
  };
}

/** The tag of this script. In a module `currentScript` is null, so that it is looked up by its address. */
export function ownScript(): HTMLScriptElement | undefined {
  const { currentScript } = document;
  if (currentScript instanceof HTMLScriptElement) return currentScript;
  const scripts = [...document.querySelectorAll<HTMLScriptElement>("script[src]")];
  return scripts.find(({ src }) => new URL(src).pathname.endsWith("/widget.js"));
}

/** The key under which the page's `localStorage` has the visitor's session. */
export function storageKey(server: string): string {
  return `halley.widget:${server}`;
}
