/** A fake page that the client runs in. */
export interface Page extends Disposable {
  show(): void;
  hide(): void;
  /** Dispatches an event of the window: `online`, `offline`, `pagehide` or `pageshow`. */
  dispatch(event: string): void;
}

/** Makes this process look like a page, until disposed. */
export function openPage(): Page {
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.defineProperty(globalThis, "document", { value: page, configurable: true });
  const setHidden = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return {
    show: () => setHidden(false),
    hide: () => setHidden(true),
    dispatch: (event) => void globalThis.dispatchEvent(new Event(event)),
    [Symbol.dispose]: () => void Reflect.deleteProperty(globalThis, "document"),
  };
}
