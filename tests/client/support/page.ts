/** Stands in for the page that a browser would run the client in. */
export interface Page extends Disposable {
  show(): void;
  hide(): void;
  /** Something that happens to the window: `online`, `offline`, `pagehide`, `pageshow`. */
  happen(event: string): void;
}

/** Makes this program look like a page, until disposed. */
export function openPage(): Page {
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.defineProperty(globalThis, "document", { value: page, configurable: true });
  const turn = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return {
    show: () => turn(false),
    hide: () => turn(true),
    happen: (event) => void globalThis.dispatchEvent(new Event(event)),
    [Symbol.dispose]: () => void Reflect.deleteProperty(globalThis, "document"),
  };
}
