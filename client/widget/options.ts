/** What the script's tag says: see docs/WIDGET.md. */
export interface WidgetOptions {
  /** The address of the server that the script came from, with a slash at the end. */
  readonly server: string;
  /** The name of the room, in which `{visitor}` stands for the visitor's public token. */
  readonly room: string;
  /** The other attributes. */
  readonly data: Readonly<DOMStringMap>;
}

const DEFAULT_ROOM = "lobby";

export function readOptions({ src, dataset }: HTMLScriptElement): WidgetOptions {
  const room = dataset.room?.trim() || DEFAULT_ROOM;
  return { server: new URL(".", src).href, room, data: dataset };
}

/** The tag of this script. In a module `currentScript` is null, so that it is looked up by its address. */
export function ownScript(): HTMLScriptElement | undefined {
  const { currentScript } = document;
  if (currentScript instanceof HTMLScriptElement) return currentScript;
  const scripts = [...document.querySelectorAll<HTMLScriptElement>("script[src]")];
  return scripts.find(({ src }) => new URL(src).pathname.endsWith("/widget.js"));
}

/** The key under which the page's `localStorage` has the visitor's session. */
export function sessionKey({ server }: WidgetOptions): string {
  return `halley.widget:${server}`;
}

/** What the keys begin with under which the page's storage has everything else about this room. */
export function roomKey(options: WidgetOptions): string {
  return `${sessionKey(options)}#${options.room}`;
}
