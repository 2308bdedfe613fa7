/** A web site on another origin. */
export class ForeignSite implements AsyncDisposable {
  readonly origin: string;
  /** The pages by path. */
  readonly pages = new Map<string, ForeignPage>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor() {
    const listener = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(listener, ({ url }) => this.#answer(new URL(url).pathname));
    this.origin = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  static open(): ForeignSite {
    return new ForeignSite();
  }

  /** Adds a page, and returns its URL. */
  put(path: string, page: ForeignPage): string {
    this.pages.set(path, page);
    return this.origin + path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(path: string): Response {
    const page = this.pages.get(path);
    if (!page) return new Response(null, { status: path === "/favicon.ico" ? 204 : 404 });
    const headers = new Headers({ "content-type": page.type ?? "text/html; charset=utf-8" });
    if (page.policy) headers.set("content-security-policy", page.policy);
    return new Response(page.text, { headers });
  }
}

/** A page or another file of the site. */
export interface ForeignPage {
  readonly text: string;
  readonly type?: string;
  /** Its Content-Security-Policy. */
  readonly policy?: string;
}
