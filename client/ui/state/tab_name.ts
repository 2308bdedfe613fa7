import { randomKey } from "../../comet/halley.ts";

const KEY = "halley.tab";

/**
 * The name of this tab, the same one after a reload. A copy of a tab copies its storage too; so the name lies there
 * only between the going of one page and the coming of the next, and two tabs never have the same.
 */
export function claimTabName(): string {
  const name = take() ?? randomKey();
  addEventListener("pagehide", () => put(name));
  addEventListener("pageshow", take);
  return name;
}

function take(): string | undefined {
  try {
    const name = sessionStorage.getItem(KEY) ?? undefined;
    sessionStorage.removeItem(KEY);
    return name;
  } catch {
    return undefined; // Storage may be forbidden; then each load is a new tab.
  }
}

function put(name: string): void {
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // As above.
  }
}
