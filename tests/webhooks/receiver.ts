import { createHmac } from "node:crypto";
import type { WebhookEvent } from "../../server/webhooks/webhook_event.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A request to a receiver. */
export interface Received {
  readonly event: WebhookEvent;
  readonly headers: Headers;
  readonly body: string;
}

export const SECRET = "the-secret-of-these-tests";

/** The response to the n-th request, from 1. */
export type Answer = (n: number, received: Received) => Response | Promise<Response>;

/** A back end that receives events. It answers 204 unless a test sets `answer`. */
export class Receiver implements AsyncDisposable {
  readonly url: string;
  /** All requests, in order. */
  readonly received: Received[] = [];
  answer: Answer = () => new Response(null, { status: 204 });
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #hanging = Promise.withResolvers<Response>();
  readonly #abort = new AbortController();

  constructor(port = 0) {
    const { signal } = this.#abort;
    const options = { hostname: "127.0.0.1", port, signal, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      const body = await request.text();
      const received = { event: JSON.parse(body), headers: request.headers, body };
      return await this.answer(this.received.push(received), received);
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/hook?key=do-not-log-me`;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** A response that never comes. */
  hang(): Promise<Response> {
    return this.#hanging.promise;
  }

  /** The received events, of one type or all. */
  events(type?: WebhookEvent["type"]): WebhookEvent[] {
    const events = this.received.map(({ event }) => event);
    return events.filter((event) => type === undefined || event.type === type);
  }

  /** Waits for a number of events, of one type or all. */
  async got(count: number, type?: WebhookEvent["type"]): Promise<WebhookEvent[]> {
    const has = () => this.events(type).length >= count;
    await waitUntil(has, `${count} events of type ${type ?? "any"} come`);
    return this.events(type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hanging.resolve(new Response());
    this.#abort.abort();
    await this.#server.finished;
  }
}

/** Whether the signature matches the body. */
export function isSigned({ headers, body }: Received): boolean {
  const [, t, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers.get("x-halley-signature") ?? "") ??
    [];
  return mac === createHmac("sha256", SECRET).update(`${t}.${body}`).digest("hex");
}

/** The ids of the messages in events. */
export function messageIds(events: readonly WebhookEvent[]): number[] {
  return events.flatMap((event) => "message" in event ? [event.message.id] : []);
}
