import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Assets, readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";
import { TestHub } from "../support/hub.ts";
import { TestFolder } from "../support/test_folder.ts";

const STATIC = fileURLToPath(new URL("../../static/", import.meta.url));

/** What answers for the server. */
type Answering =
  /** The server, with one of two versions of the page. */
  | "first"
  | "second"
  /** A proxy, since the server is away. */
  | "proxy"
  /** The sign-in page of a network. */
  | "portal"
  /** The server, with the page of the first version, and everything else of the second. */
  | "both"
  /** Nobody: a request is answered when that has ended. */
  | "nobody";

/** A server below `/chat/` of its site, whose page has two versions: `halleyVersion` in its scripts tells them apart. */
export class VersionedSite implements AsyncDisposable {
  answering: Answering = "first";
  /** The paths that were requested. */
  readonly requested: string[] = [];
  readonly url: string;
  readonly #stack: AsyncDisposableStack;
  readonly #first: Chat;
  readonly #second: Chat;

  private constructor(
    { first, second }: { readonly first: Chat; readonly second: Chat },
    stack: AsyncDisposableStack,
  ) {
    this.#first = first;
    this.#second = second;
    const server = stack.use(Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => this.#answer(request),
    ));
    this.#stack = stack;
    this.url = `http://127.0.0.1:${server.addr.port}/chat/`;
  }

  static async start(): Promise<VersionedSite> {
    await using stack = new AsyncDisposableStack();
    const test = await TestHub.open({});
    const [first, second] = [
      Chat.over(test, { assets: await readAssets(STATIC), basePath: "/chat" }),
      Chat.over(test, { assets: await secondVersion(), basePath: "/chat" }),
    ];
    stack.use(first);
    return new VersionedSite({ first, second }, stack.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.requested.push(pathname);
    while (this.answering === "nobody") {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (request.signal.aborted) return new Response(null, { status: 499 });
    }
    if (this.answering === "proxy") return new Response("Bad gateway", { status: 502 });
    if (this.answering === "portal") {
      return new Response("<html data-version>Sign in</html>", {
        headers: { "content-type": "text/html" },
      });
    }
    const isFirst = this.answering === "first" ||
      this.answering === "both" && pathname === "/chat/";
    return await (isFirst ? this.#first : this.#second).app.fetch(request);
  }
}

/** The page with another script. */
async function secondVersion(): Promise<Assets> {
  using folder = TestFolder.make();
  for await (const path of files(STATIC)) {
    if (path.endsWith(".br")) continue;
    await Deno.mkdir(join(folder.path, path, ".."), { recursive: true });
    await Deno.copyFile(join(STATIC, path), join(folder.path, path));
  }
  await Deno.writeTextFile(join(folder.path, "built/app.js"), "\nself.halleyVersion = 2;", {
    append: true,
  });
  return await readAssets(folder.path);
}

async function* files(folder: string, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(folder, path))) {
    if (isDirectory) yield* files(folder, join(path, name));
    else yield join(path, name);
  }
}
