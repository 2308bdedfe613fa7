import type { Exchange } from "./contract.ts";

/** Passes requests on to a server, and records them with their responses. */
export class RecordingProxy implements AsyncDisposable {
  readonly exchanges: Exchange[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** `target`: the URL of the server. */
  constructor(target: string, port = 0) {
    const options = { hostname: "127.0.0.1", port, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#pass(request, target));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async #pass(request: Request, target: string): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    const { method, headers } = request;
    const requestBody = await request.text();
    const hasBody = method !== "GET" && method !== "HEAD";
    let response: Response;
    try {
      response = await fetch(target + path, {
        method,
        headers,
        redirect: "manual",
        signal: request.signal,
        ...(hasBody && { body: requestBody }),
      });
    } catch {
      return new Response(null, { status: 502 });
    }
    const responseBody = await response.text();
    const { status } = response;
    const requestType = headers.get("content-type") ?? "";
    this.exchanges.push({
      ...{ method, path, requestType, requestBody, status, responseBody },
      headers: response.headers,
    });
    return new Response(responseBody === "" ? null : responseBody, {
      status,
      headers: response.headers,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
