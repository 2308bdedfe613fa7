import { effect } from "@preact/signals";
import { formatUnread } from "../i18n/format_unread.ts";
import type { PageState } from "../state/page_state.ts";
import { titleOf } from "../views/conversation_title.ts";

/**
 * Shows the selected conversation and the number of unread messages for this person in the page's title and
 * icons, until it is stopped.
 */
export function showPageBadge({ chat, unreadForSelf: all }: PageState): () => void {
  const icon = new BadgedIcon();
  const stop = effect(() => {
    const { selected } = chat.conversations;
    const unread = all.value;
    const count = unread > 0 ? formatUnread(unread) : "";
    const title = selected.value ? `${titleOf(selected.value)} · Halley` : "Halley";
    document.title = count ? `(${count}) ${title}` : title;
    icon.show(count);
    setAppBadge(unread);
  });
  return () => {
    stop();
    document.title = "Halley";
    icon.show("");
    setAppBadge(0);
  };
}

/** The page's icon with a number on it. */
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
      return this.#plain; // The title still shows the number.
    }
  }
}

function badge(count: string): string {
  const width = 9 + 7 * count.length;
  const x = 32 - width;
  return `<rect x="${x}" y="14" width="${width}" height="18" rx="9" fill="#d93a2b"/>` +
    `<text x="${x + width / 2}" y="27.5" text-anchor="middle" fill="#fff"` +
    ` style="font:700 13px system-ui,sans-serif">${count}</text>`;
}

/** Sets the number on the icon of the installed app, if the page is installed. */
function setAppBadge(unread: number): void {
  if (!("setAppBadge" in navigator)) return;
  // Rejects if the page is not installed.
  navigator.setAppBadge(unread).catch(() => {});
}
