import { effect } from "@preact/signals";
import type { Chat } from "../state/chat.ts";
import { titleOf } from "../views/conversation_title.ts";

/** More than that are not told apart. */
const MOST = 99;

/** Says in the page's title and on its icons what is looked at, and how much is unread. Ends with what it returns. */
export function showBadge(chat: Chat): () => void {
  const icon = new BadgedIcon();
  const stop = effect(() => {
    const { selected } = chat.conversations;
    const unread = chat.unread.value;
    const count = unread > MOST ? `${MOST}+` : String(unread);
    const place = selected.value ? `${titleOf(selected.value)} · Halley` : "Halley";
    document.title = unread > 0 ? `(${count}) ${place}` : place;
    icon.show(unread > 0 ? count : "");
    badgeApp(unread);
  });
  return () => {
    stop();
    document.title = "Halley";
    icon.show("");
    badgeApp(0);
  };
}

/** The page's icon, with a count on it. */
class BadgedIcon {
  readonly #link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  readonly #plain = this.#link?.href ?? "";
  #svg: Promise<string> | undefined;
  #count = "";

  async show(count: string): Promise<void> {
    if (count === this.#count) return;
    this.#count = count;
    const href = count ? await this.#withCount(count) : this.#plain;
    if (count === this.#count && this.#link) this.#link.href = href;
  }

  async #withCount(count: string): Promise<string> {
    try {
      const svg = await (this.#svg ??= fetch(this.#plain).then((response) => response.text()));
      return `data:image/svg+xml,${encodeURIComponent(svg.replace("</svg>", `${badge(count)}$&`))}`;
    } catch {
      this.#svg = undefined;
      return this.#plain; // The title says it as well.
    }
  }
}

function badge(count: string): string {
  const width = 9 + 7 * count.length;
  const x = 32 - width;
  return `<rect x="${x}" y="14" width="${width}" height="18" rx="9" fill="#d93a2b"/>` +
    `<text x="${x + width / 2}" y="27.5" text-anchor="middle" fill="#fff"` +
    ` font-family="system-ui,sans-serif" font-size="13" font-weight="700">${count}</text>`;
}

/** The icon of the installed page, where there is one. */
function badgeApp(unread: number): void {
  if (!("setAppBadge" in navigator)) return;
  // Refused where the page is not installed, and then there is nothing to put a badge on.
  navigator.setAppBadge(unread).catch(() => {});
}
