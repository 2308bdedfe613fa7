/** A word that all tabs of this browser share; `undefined` where none is kept, or none may be. */
export function readWord(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // Storage may be forbidden.
  }
}

/** Keeps a word, or removes it; says whether that could be done. */
export function keepWord(key: string, word: string | undefined): boolean {
  try {
    if (word === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, word);
    return true;
  } catch {
    return false; // Forbidden, or full.
  }
}
