import { exampleOf } from "../docs/examples.ts";

/** Tested versions of jQuery, and their names in tests/deno.json. */
export const JQUERIES = { "1.12": "jquery", "4.0": "jquery4" } as const;

/** A web server like those of 2010: serves the page of docs/LEGACY.md with a jQuery, and proxies the rest to Halley. */
export class LegacySite implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #client = Deno.createHttpClient({});
  readonly #end = new AbortController();

  private constructor(halley: string, files: ReadonlyMap<string, Response>) {
    const listener = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(listener, async (request) => {
      const { pathname } = new URL(request.url);
      return files.get(pathname)?.clone() ?? await this.#proxy(request, halley + pathname);
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  static async open(halley: string, jquery: keyof typeof JQUERIES): Promise<LegacySite> {
    const html = { headers: { "content-type": "text/html" } };
    const javascript = { headers: { "content-type": "text/javascript" } };
    const page = await exampleOf("docs/LEGACY.md", "old-page");
    return new LegacySite(
      halley,
      new Map([
        ["/", new Response(page, html)],
        ["/jquery.js", new Response(await sourceOf(JQUERIES[jquery]), javascript)],
        ["/favicon.ico", new Response(null, { status: 204 })],
      ]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.shutdown();
    this.#client.close();
  }

  async #proxy(request: Request, target: string): Promise<Response> {
    const { method, headers } = request;
    const body = await request.bytes();
    const options = { method, headers, body, signal: this.#end.signal, client: this.#client };
    try {
      const reply = await fetch(target, options);
      const { status } = reply;
      return new Response(await reply.bytes(), { status, headers: reply.headers });
    } catch {
      return new Response("Bad gateway", { status: 502 }); // The site is closing.
    }
  }
}

async function sourceOf(name: string): Promise<string> {
  const main = import.meta.resolve(name);
  return await Deno.readTextFile(new URL(main.replace(/\/dist.*$/, "/dist/jquery.js")));
}
