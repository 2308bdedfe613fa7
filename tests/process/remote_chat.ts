import type { PollReply, SignedIn } from "../../server/protocol/replies.ts";
import type { PollRequest, SendRequest } from "../../server/protocol/requests.ts";
import { within } from "../support/server_process.ts";

/** Somebody who talks over sockets to a Halley in another process. */
export interface RemoteVoice extends SignedIn {
  /** A request with this voice's private token; `body` goes as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
  say(channel: string, text: string): Promise<Response>;
  send(message: SendRequest): Promise<Response>;
  poll(request?: PollRequest): Promise<PollReply>;
}

/** No answer takes so long (ms), that of a held poll included. */
const PATIENCE = 60_000;

/** The way to a Halley, with connections of its own, which end when it is disposed. */
export class RemoteChat implements Disposable {
  readonly url: string;
  readonly #client: Deno.HttpClient;
  readonly #end = new AbortController();

  /** `certificates` are believed beside those that the system believes. */
  constructor(url: string, certificates: string[] = []) {
    this.url = url;
    this.#client = Deno.createHttpClient({ caCerts: certificates });
  }

  /** A request of nobody in particular; `body` goes as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#fetch(method, path, body, {});
  }

  async signIn(displayName: string): Promise<RemoteVoice> {
    return this.voice(await (await this.request("POST", "/api/sessions", { displayName })).json());
  }

  /** Somebody who has signed in, here or on another node. */
  voice(signedIn: SignedIn): RemoteVoice {
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

  /** How many polls are parked there. */
  async parked(): Promise<number> {
    const metrics = await (await this.request("GET", "/metrics")).text();
    return Number(/^halley_parked_polls (\d+)$/m.exec(metrics)?.[1]);
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#client.close();
  }

  /** The answer with its whole body, so that none is left open when a test fails. */
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
    return await within(PATIENCE, whole());
  }
}
