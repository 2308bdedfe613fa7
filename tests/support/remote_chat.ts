import { waitUntil } from "./wait_until.ts";
import { deadline } from "../../server/base/deadline.ts";
import type { PollReply, SignedIn } from "../../server/protocol/replies.ts";
import type { PollRequest, SendRequest } from "../../server/protocol/requests.ts";

/** A signed-in user who talks to a server in another process. */
export interface RemoteUser extends SignedIn {
  /** Sends a request with this user's private token; `body` is sent as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
  say(channel: string, text: string): Promise<Response>;
  send(message: SendRequest): Promise<Response>;
  poll(request?: PollRequest): Promise<PollReply>;
}

/** How long (ms) to wait for a response, including that of a held poll. */
const TIMEOUT = 60_000;

/** A client of a server in another process. Its connections are closed when disposed. */
export class RemoteChat implements Disposable {
  readonly url: string;
  readonly #client: Deno.HttpClient;
  readonly #end = new AbortController();

  /** Trusts `certificates` in addition to those of the system. */
  constructor(url: string, certificates: string[] = []) {
    this.url = url;
    this.#client = Deno.createHttpClient({ caCerts: certificates });
  }

  /** Sends a request without credentials; `body` is sent as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#fetch(method, path, body, {});
  }

  async signIn(displayName: string): Promise<RemoteUser> {
    return this.user(await (await this.request("POST", "/api/sessions", { displayName })).json());
  }

  /** A user who has signed in, here or on another node. */
  user(signedIn: SignedIn): RemoteUser {
    const headers = { authorization: `Bearer ${signedIn.privateToken}` };
    const request = (method: string, path: string, body?: unknown) =>
      this.#fetch(method, path, body, headers);
    const send = (message: SendRequest) => request("POST", "/api/messages", message);
    return {
      ...signedIn,
      request,
      send,
      say: (channel, text) => send({ channel, text }),
      poll: async (poll = {}) => await (await request("POST", "/api/poll", poll)).json(),
    };
  }

  /** The number of polls that are parked at the server. */
  async parked(): Promise<number> {
    const metrics = await (await this.request("GET", "/metrics")).text();
    return Number(/^halley_parked_polls (\d+)$/m.exec(metrics)?.[1]);
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#client.close();
  }

  /** Reads the whole body, so that no response stays open when a test fails. */
  async #fetch(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Response> {
    const whole = async () => {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        client: this.#client,
        signal: this.#end.signal,
      });
      const { status } = response;
      const bytes = await response.arrayBuffer();
      const isEmpty = status === 204 || status === 304;
      return new Response(isEmpty ? null : bytes, { status, headers: response.headers });
    };
    return await deadline(whole(), TIMEOUT);
  }
}

/** Starts a poll of a room that no other user reads, and returns once it is parked. */
export async function parkPoll(
  user: RemoteUser,
  room: string,
): Promise<{ reply: Promise<PollReply> }> {
  const { cursor } = await user.poll();
  const reply = user.poll({ cursor, channels: [room], hold: 55_000 });
  // If the test fails before it awaits the reply, its own error must be reported, not the poll's.
  reply.catch(() => {});
  await waitUntil(async () => {
    const presence = await user.request("GET", `/api/channels/${room}/presence`);
    return (await presence.json()).total === 1;
  }, `${user.displayName}'s poll is parked`);
  return { reply };
}
