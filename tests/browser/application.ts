import { SECRET } from "../support/tokens.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";

/** What the application answers at `/chat-token`. */
export interface TokenAnswer {
  readonly status?: number;
  /** A function makes a text for each request: so a token is valid for as long on a busy machine, where requests come late. */
  readonly text?: string | (() => Promise<string>);
}

/**
 * An application with users of its own, on another origin of the same site. Its `/chat-token` answers requests with the
 * cookie that each of its other pages sets, and others with 403.
 */
export class Application implements AsyncDisposable {
  readonly origin: string;
  answer: TokenAnswer = { status: 401 };
  /** Number of requests of `/chat-token` that had the cookie. */
  asked = 0;
  /** HTML pages by path. */
  readonly pages = new Map<string, string>();
  /** The header `Referer` of each request for a picture. Only `/alice.svg` exists. */
  readonly referrers: (string | null)[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const listener = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(listener, (request) => this.#respond(request));
    this.origin = `http://127.0.0.1:${this.#server.addr.port}`;
    for (const path of ["/login", "/logout"]) this.pages.set(path, `<h1>${path}</h1>`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #respond(request: Request): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/chat-token") return this.#answerToken(request);
    if (pathname.endsWith(".svg")) return this.#answerPicture(pathname, request);
    const html = this.pages.get(pathname);
    if (html === undefined) return new Response(null, { status: 204 });
    const icon = '<link rel="icon" href="data:,">';
    return new Response(`<!DOCTYPE html><html lang="en">${icon}${html}</html>`, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "set-cookie": "user=alice; HttpOnly; SameSite=Strict",
      },
    });
  }

  #answerPicture(pathname: string, { headers }: Request): Response {
    this.referrers.push(headers.get("referer"));
    if (pathname !== "/alice.svg") return new Response(null, { status: 404 });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>';
    return new Response(svg, { headers: { "content-type": "image/svg+xml" } });
  }

  async #answerToken({ headers }: Request): Promise<Response> {
    const hasCookie = headers.get("cookie")?.includes("user=alice") ?? false;
    if (hasCookie) this.asked++;
    const { status = 200, text = "" } = hasCookie ? this.answer : { status: 403 };
    const body = typeof text === "string" ? text : await text();
    return new Response(status === 204 ? null : body, {
      status,
      headers: {
        "access-control-allow-origin": headers.get("origin") ?? "null",
        "access-control-allow-credentials": "true",
        "vary": "origin",
      },
    });
  }
}

type Settings = Readonly<Record<string, string>>;

/** Runs a test with an application and a server that accepts its tokens; see `withChat`. */
export function withApplication(
  settingsFor: (application: Application) => Settings,
  test: (chat: BrowserChat, application: Application) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using application = new Application();
    const settings = {
      AUTH: "jwt",
      JWT_SECRET: SECRET,
      JWT_ISSUER: "https://shop.example",
      JWT_AUDIENCE: "halley",
      JWT_CLOCK_SKEW: "0",
      ...settingsFor(application),
    };
    await withChat((chat) => test(chat, application), settings)();
  };
}
