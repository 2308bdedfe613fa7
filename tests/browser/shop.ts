import type { Browser } from "playwright-core";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";

/** Office hours that are over, as an attribute. */
export const AWAY = `data-hours="Mo-Su 0:00-0:01 ${zoneAtNoon()}"`;

/** A shop on another origin, whose pages have the widget. */
export class Shop {
  readonly site: ForeignSite;

  constructor(site: ForeignSite) {
    this.site = site;
  }

  /** Adds a page with these attributes on the script tag and this HTML in its head; returns its URL. */
  page(
    { url }: BrowserChat,
    attributes = "",
    { head = "", policy = "", room = `data-room="support"` } = {},
  ): string {
    const text = `<!DOCTYPE html>
      <html lang="en">
        <head>
          <meta name="viewport" content="width=device-width">
          <title>Telescopes</title>
          <link rel="icon" href="data:,">
          ${head}
        </head>
        <body>
          <main>
            <h1>Telescopes</h1>
            <p>All that you need to see a comet.</p>
            <div><button id="ask">Ask us</button> <input aria-label="Search"></div>
          </main>
          <script src="${url}/widget.js" ${room} ${attributes}></script>
        </body>
      </html>`;
    const path = `/${crypto.randomUUID()}`;
    return this.site.put(path, { text, ...(policy && { policy }) });
  }
}

/** Runs a test with a server that allows the origin of a shop; see `withChat`. */
export function withShop(
  test: (chat: BrowserChat, shop: Shop) => Promise<void>,
  launch?: () => Promise<Browser>,
): () => Promise<void> {
  return async () => {
    await using site = ForeignSite.open();
    const settings = { ALLOWED_ORIGINS: site.origin };
    await withChat((chat) => test(chat, new Shop(site)), settings, launch)();
  };
}

/** A time zone in which it is about noon. */
function zoneAtNoon(): string {
  const hours = 12 - new Date().getUTCHours();
  return hours === 0 ? "UTC" : `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`;
}
