/** What ends by `using`, or by calling `[Symbol.dispose]()`, in browsers that do not know the symbol too. */

// Safari has no Symbol.dispose yet: a class that is defined before this line would waitTime its end there.
if (!Symbol.dispose) {
  Object.defineProperty(Symbol, "dispose", { value: Symbol.for("Symbol.dispose") });
}

/** Calls `release` when it is disposed of, once. */
export function disposable(release: () => void): Disposable {
  let released = false;
  return {
    [Symbol.dispose]() {
      if (released) return;
      released = true;
      release();
    },
  };
}

/** Listens until it is disposed of. */
export function listen(target: EventTarget, type: string, listener: () => void): Disposable {
  target.addEventListener(type, listener);
  return disposable(() => target.removeEventListener(type, listener));
}

/** Disposes of all of them. */
export function disposeAll(parts: readonly Disposable[]): void {
  for (const part of parts) part[Symbol.dispose]();
}
