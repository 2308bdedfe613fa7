import type { Message } from "../../server/protocol/message.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { ClientProcess } from "./client_process.ts";
import { FaultProxy, type Passing, type RequestKind } from "./fault_proxy.ts";

/** How a check starts the client. */
export interface ClientOptions {
  /** Without a token, it signs in with this name. */
  readonly name?: string;
  readonly token?: string;
  /** Whether it gets its tokens from the application. */
  readonly asksForToken?: boolean;
  readonly cursor?: string;
  /** How long polls may be held, in ms. */
  readonly hold?: number;
  readonly channels?: readonly string[];
}

/** The client that is checked. */
export interface ClientSettings {
  /** How to start it. */
  readonly command: readonly string[];
  /** How long to wait (ms) for what it must do. */
  readonly timeoutMs: number;
}

/** What a check works with: a server, a proxy in front of it, the client, and alice, who talks to the server directly. */
export class Stage implements AsyncDisposable {
  readonly proxy: FaultProxy;
  /** The room of this check. */
  readonly room: string;
  /** The address of the server. */
  readonly server: string;
  readonly client: ClientSettings;
  readonly #resources = new AsyncDisposableStack();
  #alice: Promise<SignedIn> | undefined;

  private constructor(
    client: ClientSettings,
    { server, proxy, room }: Pick<Stage, "server" | "proxy" | "room">,
  ) {
    this.client = client;
    this.server = server;
    this.proxy = this.#resources.use(proxy);
    this.room = room;
  }

  static async open(
    client: ClientSettings,
    { server, room }: { readonly server: string; readonly room: string },
  ): Promise<Stage> {
    return new Stage(client, { server, room, proxy: await FaultProxy.open(server) });
  }

  /** Starts the client, in the room of this check unless `channels` are others. */
  start(options: ClientOptions = {}): ClientProcess {
    const { name = "bob", token, asksForToken, cursor, hold = 2000, channels = [this.room] } =
      options;
    const credentials = asksForToken
      ? ["--token-url", `${this.proxy.url}/token`]
      : ["--name", name];
    const args = [
      ...["--url", this.proxy.url],
      // A token can begin with a hyphen.
      ...(token === undefined ? credentials : [`--token=${token}`]),
      ...(cursor === undefined ? [] : ["--cursor", cursor]),
      ...["--hold", String(hold)],
      ...channels.flatMap((channel) => ["--channel", channel]),
    ];
    const { timeoutMs } = this.client;
    return this.#resources.use(new ClientProcess(this.client.command, { args, timeoutMs }));
  }

  /** Starts the client, and waits until it has its first cursor. */
  async reading(options: ClientOptions = {}): Promise<ClientProcess> {
    const client = this.start(options);
    await client.line("cursor");
    return client;
  }

  /** Starts another server, which is killed at the end of the check. */
  async startServer(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
    return this.#resources.use(await ServerProcess.start({ settings }));
  }

  /** Waits until a condition holds for the requests of a kind that the client has sent. */
  async proxyHas(
    kind: RequestKind,
    condition: (requests: readonly Passing[]) => boolean,
  ): Promise<void> {
    await waitUntil(() => condition(this.proxy.of(kind)), `its requests: ${kind}`);
  }

  use<T extends AsyncDisposable>(resource: T): T {
    return this.#resources.use(resource);
  }

  /** Signs in someone at the server. */
  signIn(displayName: string, server = this.server): Promise<SignedIn> {
    return request("POST", `${server}/api/sessions`, { body: { displayName } });
  }

  /** Has alice send a text to the room, or to another one. */
  async say(text: string, channel = this.room): Promise<Message> {
    const { privateToken } = await (this.#alice ??= this.signIn("alice"));
    return await this.send({ channel, text }, privateToken);
  }

  /** Has alice edit or delete a message of hers. */
  async change(method: "PATCH" | "DELETE", id: number, body?: unknown): Promise<void> {
    const { privateToken } = await (this.#alice ??= this.signIn("alice"));
    await request(method, `${this.server}/api/messages/${id}`, { body, token: privateToken });
  }

  /** Sends a message directly to a server. */
  send(body: unknown, token: string, server = this.server): Promise<Message> {
    return request("POST", `${server}/api/messages`, { body, token });
  }

  /** The messages of the room in the log, oldest first. */
  async stored(): Promise<readonly Message[]> {
    const { privateToken } = await (this.#alice ??= this.signIn("alice"));
    const path = `/api/channels/${encodeURIComponent(this.room)}/messages?limit=100`;
    const { messages } = await request<{ messages: Message[] }>("GET", this.server + path, {
      token: privateToken,
    });
    return messages.reverse();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

/** Sends a request to a server. Throws if it is refused. */
export async function request<T>(
  method: string,
  url: string,
  { body, token }: { readonly body?: unknown; readonly token?: string },
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text || "null");
}

/** The token that a request of the client carries. */
export function tokenOf({ headers }: Passing): string {
  return headers["x-halley-token"]?.toString() ??
    headers.authorization?.replace("Bearer ", "") ?? "";
}

/** Throws with both values unless they are the same JSON. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

export function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** For what must not happen within a time: there is nothing to wait for. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
