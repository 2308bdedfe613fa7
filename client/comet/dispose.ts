/** Disposables for `using`, also in browsers that do not have the symbol. */

import type { Listenable } from "./platform.ts";

// Safari does not have Symbol.dispose. A class that is defined before this line would not get its dispose method.
if (!Symbol.dispose) {
  Object.defineProperty(Symbol, "dispose", { value: Symbol.for("Symbol.dispose") });
}

/** Calls `release` once, when it is disposed. */
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

/** Adds an event listener, and removes it when disposed. */
export function listen(target: Listenable, type: string, listener: () => void): Disposable {
  target.addEventListener(type, listener);
  return disposable(() => target.removeEventListener(type, listener));
}

export function disposeAll(disposables: readonly Disposable[]): void {
  for (const each of disposables) each[Symbol.dispose]();
}
