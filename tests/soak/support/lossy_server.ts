import type { Message } from "../../../server/protocol/message.ts";
import type { SignedIn } from "../../../server/protocol/replies.ts";
import type { SendRequest, SignInRequest } from "../../../server/protocol/requests.ts";

interface LossyReader {
  readonly publicToken: string;
  readonly rooms: readonly string[];
  queue: Message[];
  wake: () => void;
}

/**
 * A server with Halley's API that makes the usual mistake of comet servers: it forgets a message once it has written it
 * to a socket, and ignores cursors. Soak must find that messages are lost.
 */
export class LossyServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #readers = new Map<string, LossyReader>();
  readonly #messagesByKey = new Map<string, Message>();

  private constructor(port: number) {
    const options = { hostname: "127.0.0.1", port, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#respond(request));
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  static open(port = 0): LossyServer {
    return new LossyServer(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { wake } of this.#readers.values()) wake();
    await this.#server.shutdown();
  }

  async #respond(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/ready") return new Response("ready");
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const body = await request.json();
    if (pathname === "/api/sessions") return signIn(body);
    return pathname === "/api/poll" ? await this.#poll(token, body) : this.#send(token, body);
  }

  async #poll(
    publicToken: string,
    { tab, cursor, hold = 1_000, channels: rooms }: {
      tab: string;
      cursor?: string;
      hold?: number;
      channels: readonly string[];
    },
  ): Promise<Response> {
    const name = `${publicToken}/${tab}`;
    const reader = this.#readers.get(name) ?? { publicToken, rooms, queue: [], wake: () => {} };
    this.#readers.set(name, reader);
    if (cursor !== undefined && reader.queue.length === 0) await woken(reader, hold);
    const messages = reader.queue.splice(0);
    const outcome = messages.length > 0 ? "message" : "timedout";
    const rest = { cursor: "none", signals: [], gap: false, retryAfter: 0 };
    return Response.json({ outcome, messages, ...rest });
  }

  #send(sender: string, { key, channel, data }: SendRequest): Response {
    const name = `${sender}/${key}`;
    const earlier = this.#messagesByKey.get(name);
    if (earlier !== undefined) return Response.json(earlier);
    const from = { publicToken: sender, displayName: sender };
    const id = this.#messagesByKey.size + 1;
    const message: Message = { id, channel, from, data: data ?? null, at: Date.now() };
    this.#messagesByKey.set(name, message);
    for (const reader of this.#readers.values()) {
      if (!reader.rooms.includes(channel) && !channel.includes(reader.publicToken)) continue;
      reader.queue.push(message);
      reader.wake();
    }
    return Response.json(message, { status: 201 });
  }
}

function signIn({ displayName, userId }: SignInRequest): Response {
  const token = userId ?? crypto.randomUUID();
  const signedIn: SignedIn = {
    publicToken: token,
    privateToken: token,
    displayName,
    settings: {
      keyAge: 0,
      textBytes: 8_192,
      editTime: 86_400_000,
      hold: 25_000,
      heartbeat: 0,
      auth: "guest",
      home: "room:tea",
    },
  };
  return Response.json(signedIn, { status: 201 });
}

function woken(reader: LossyReader, hold: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, hold);
    reader.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

if (import.meta.main) LossyServer.open(Number(Deno.env.get("PORT")));
