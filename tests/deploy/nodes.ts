import type { HubOptions } from "../../server/core/hub/hub_options.ts";
import { Logger } from "../../server/base/logger.ts";
import { guardHost } from "../../server/http/host_guard.ts";
import { Listener } from "../../server/http/listener.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { Chat } from "../support/chat.ts";
import { TestHub } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";

/** Maximum time in ms to send the last responses. */
const LAST_ANSWERS = 2_500;

/** A server that shares its store with another one, on its own port. */
export class Node implements AsyncDisposable {
  readonly chat: Chat;
  /** The `X-Forwarded-For` of each request to the API. */
  readonly clients: (string | null)[] = [];
  /** Number of requests to the API. */
  requests = 0;
  readonly #listener: Listener;

  private constructor(chat: Chat) {
    this.chat = chat;
    const address = { host: "127.0.0.1", port: 0 };
    const hosts = { ...address, allowedHosts: [], limits: { trustedProxies: { hops: 1 } } };
    const handler = guardHost(chat.app.fetch, hosts, () => {});
    this.#listener = Listener.open(address, (request, ...more) => {
      if (new URL(request.url).pathname.startsWith("/api/")) {
        this.requests++;
        this.clients.push(request.headers.get("x-forwarded-for"));
      }
      return handler(request, ...more);
    }, new Logger("error"));
  }

  static async open(store: SqliteStore, options: Partial<HubOptions>): Promise<Node> {
    return new Node(Chat.over(await TestHub.open(options, store)));
  }

  /** Host and port, as in the configuration of a proxy. */
  get address(): string {
    return new URL(this.#listener.url).host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chat.test.hub[Symbol.asyncDispose]();
    await this.#listener.close(LAST_ANSWERS);
  }
}

/** Two servers that share a store. */
export class Nodes implements AsyncDisposable {
  readonly left: Node;
  readonly right: Node;
  readonly #stack: AsyncDisposableStack;

  private constructor(left: Node, right: Node, stack: AsyncDisposableStack) {
    this.left = left;
    this.right = right;
    this.#stack = stack;
  }

  static async open(options: Partial<HubOptions> = {}): Promise<Nodes> {
    await using stack = new AsyncDisposableStack();
    const store = stack.use(SqliteStore.open(IN_MEMORY, KEEP_ALL));
    const left = stack.use(await Node.open(store, options));
    const right = stack.use(await Node.open(store, options));
    return new Nodes(left, right, stack.move());
  }

  /** How many polls are parked, at both. */
  get parked(): number {
    return this.left.chat.test.hub.parked + this.right.chat.test.hub.parked;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
