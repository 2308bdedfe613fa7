/** The page's icon with a number on it. */
export class BadgedIcon {
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
