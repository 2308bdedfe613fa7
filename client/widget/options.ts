/** What the script's tag says. */
export interface WidgetOptions {
  /** The server that the script came from, with a slash at its end. */
  readonly server: string;
  /** The channel of the room. */
  readonly channel: string;
  readonly title: string | undefined;
  /** Signs in with that name, without asking for one. */
  readonly name: string | undefined;
  /** Where the page's own application gives its users a token. */
  readonly tokenUrl: string | undefined;
  /** Whose tokens those are: a word for one user. */
  readonly user: string | undefined;
  readonly lang: string | undefined;
  readonly isOpen: boolean;
  /** What the style looks at: `data-theme` and `data-position`. */
  readonly theme: string | undefined;
  readonly position: string | undefined;
}

const ROOM = "lobby";

/** Reads the attributes of the script's tag. */
export function readOptions({ src, dataset }: HTMLScriptElement): WidgetOptions {
  return {
    server: new URL(".", src).href,
    channel: `room:${(dataset.room?.trim() || ROOM).normalize("NFC")}`,
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

/** The tag that this script stands in: modules are not told, and look for it. */
export function ownScript(): HTMLScriptElement | undefined {
  const { currentScript } = document;
  if (currentScript instanceof HTMLScriptElement) return currentScript;
  const scripts = [...document.querySelectorAll<HTMLScriptElement>("script[src]")];
  return scripts.find(({ src }) => new URL(src).pathname.endsWith("/widget.js"));
}

/** Under which name the page's storage keeps the session of a visitor. */
export function storageKey(server: string): string {
  return `halley.widget:${server}`;
}
