import { Refused } from "../../core/model/refused.ts";
import { type Headers, type NatsClient, type NatsMessage, RETRY_AFTER } from "./nats_client.ts";
import type { StreamInfo } from "./nats_stream_info.ts";

/** The confirmation that a message was stored. */
export interface PublishAck {
  readonly seq: number;
  /** Whether a message with the same id had been stored before: `seq` is that message's. */
  readonly duplicate?: boolean;
}

/** A message to store. */
export interface NewMessage {
  readonly subject: string;
  readonly payload: string;
  readonly headers: Headers;
}

/** The header of a message whose owner (`ownerOf`) is not its channel: an index does not read texts. */
export const OWNER_HEADER = "Halley-Owner";

/** The header of a change, as the JSON of a `ChangeHeader`. */
export const CHANGE_HEADER = "Halley-Change";

/** A stored message of a stream. */
export interface StreamMessage {
  readonly seq: number;
  readonly subject: string;
  /** When the server stored it: Unix time in ms. */
  readonly at: number;
  readonly text: string;
  /** The headers as in the protocol. */
  readonly headers: string;
  /** See {@linkcode OWNER_HEADER}. */
  readonly owner: string | undefined;
  /** The JSON of a `ChangeHeader`. */
  readonly change: string | undefined;
}

/** The payload of a stored message. */
export interface StoredBytes {
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** Which message to get. */
export type MessageQuery =
  | { readonly seq: number; readonly next_by_subj?: string }
  | { readonly last_by_subj: string };

/** The `err_code`s of JetStream that are handled here. */
export const ERROR_CODE = {
  notNow: 10008,
  noResources: 10023,
  noMessage: 10037,
  noSequence: 10043,
  noStorage: 10047,
  notDeleted: 10057,
  noStream: 10059,
  streamNameInUse: 10058,
  wrongLastId: 10070,
  wrongSequence: 10071,
  /** The same, in clusters of newer servers such as 2.15, while another message of the subject is on its way. */
  wrongSequenceInProgress: 10164,
  notStored: 10077,
  duplicateInProgress: 10158,
  batchDisabled: 10174,
  batchIncomplete: 10176,
  batchTooLarge: 10199,
  batchHasDuplicate: 10201,
  tooManyBatches: 10210,
} as const;

/** JetStream rejected a request. */
export class JetStreamError extends Refused {
  constructor(readonly code: number, description: string) {
    super("store_unavailable", `JetStream refuses: ${description}`, RETRY_AFTER);
  }
}

/** Timeouts in ms of waiting until a stream has caught up, and of one attempt; and the delay between attempts. */
const CATCH_UP = { timeout: 5_000, attempt: 1_000, retryDelay: 100 } as const;

interface ApiReply {
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/**
 * The JetStream API as far as it is used here: https://docs.nats.io/reference/reference-protocols/nats_api_reference.
 * Refuses with `store_unavailable` without a reply, and with a {@linkcode JetStreamError} if the server rejects a request.
 *
 * Why not `@nats-io/jetstream` 3.4: its `publish` reached 10,000 to 16,000 messages/s where this one reached 28,000 to
 * 38,000, at 2.5 times the CPU time; its calls have no timeout of their own; its requests do not fail fast (see
 * {@linkcode NatsClient}); and its ordered consumers do not survive our failover tests (see `OrderedConsumer`). An adapter
 * for errors and timeouts would be as long as this class. It would add 560 kB to the download.
 */
export class JetStream {
  readonly client: NatsClient;

  constructor(client: NatsClient) {
    this.client = client;
  }

  /** Stores a message. It is durable when this resolves. */
  async publish(
    subject: string,
    payload: string | Uint8Array,
    options: { headers?: Headers; timeout?: number } = {},
  ): Promise<PublishAck> {
    const reply = await this.client.request(subject, payload, options);
    const ack: PublishAck & ApiReply = reply.json();
    checkReply(ack);
    return ack;
  }

  /**
   * Stores messages, all of them or none: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md.
   * Returns the sequence number of the first one; the others follow it. Returns `undefined` if the server does not know
   * batches: then it has stored each message for which it found no reason against it.
   */
  async publishBatch(
    messages: readonly NewMessage[],
    timeout: number,
  ): Promise<number | undefined> {
    const id = this.client.runtime.randomUUID();
    let reply: Promise<NatsMessage> | undefined;
    for (const [n, { subject, payload, headers }] of messages.entries()) {
      const place = { ...headers, "Nats-Batch-Id": id, "Nats-Batch-Sequence": String(n + 1) };
      if (n < messages.length - 1) this.client.publish(subject, payload, place);
      else {
        const last = { headers: { ...place, "Nats-Batch-Commit": "1" }, timeout };
        reply = this.client.request(subject, payload, last);
      }
    }
    const ack = (await reply)?.json<PublishAck & ApiReply & { batch?: string }>();
    if (ack !== undefined) checkReply(ack);
    return ack?.batch === id ? ack.seq - messages.length + 1 : undefined;
  }

  async info(stream: string, timeout?: number): Promise<StreamInfo> {
    return await this.call<StreamInfo>(`STREAM.INFO.${stream}`, undefined, timeout);
  }

  /** Gets a message from the stream's leader. */
  async get(
    stream: string,
    query: MessageQuery,
    timeout?: number,
  ): Promise<StreamMessage | undefined> {
    const message = await this.#find(stream, query, timeout);
    if (message === undefined) return undefined;
    const { seq, subject, time, data, hdrs = "" } = message;
    const headers = atob(hdrs);
    const [owner, change] = [headerIn(headers, OWNER_HEADER), headerIn(headers, CHANGE_HEADER)];
    const text = new TextDecoder().decode(fromBase64(data));
    return { seq, subject, at: Date.parse(time), text, headers, owner, change };
  }

  async #find(
    stream: string,
    query: MessageQuery,
    timeout?: number,
  ): Promise<MessageReply["message"] | undefined> {
    try {
      return (await this.call<MessageReply>(`STREAM.MSG.GET.${stream}`, query, timeout)).message;
    } catch (error) {
      if (hasErrorCode(error, ERROR_CODE.noMessage)) return undefined;
      throw error;
    }
  }

  /**
   * Resolves when the stream's leader has applied everything that was stored before this call. One that has just taken over
   * can be behind; one that is cut off from the other servers does not know yet that another one leads.
   */
  async catchUp(stream: string): Promise<void> {
    // A removal is in the log that the replicas agree on. No message has this number. With one beyond the end of the stream,
    // NATS 2.9 would build the replica anew.
    const { client } = this;
    const end = client.runtime.fromNow(CATCH_UP.timeout);
    while (true) {
      try {
        await this.remove(stream, 0, { timeout: CATCH_UP.attempt });
        return;
      } catch (error) {
        const isFinal = error instanceof JetStreamError || !client.isConnected;
        if (isFinal || client.runtime.hasPassed(end)) throw error;
        await client.runtime.delay(CATCH_UP.retryDelay);
      }
    }
  }

  /** Gets the text of a message from any replica, which may not have received the newest messages yet. */
  async getText(stream: string, seq: number): Promise<string | undefined> {
    const subject = `$JS.API.DIRECT.GET.${stream}`;
    const reply = await this.client.request(subject, `{"seq":${seq}}`, { timeout: 1_000 });
    return reply.headers?.code === 404 ? undefined : reply.string();
  }

  /** Gets the bytes of a message: from any replica, or from the leader if that one does not have it yet. */
  async getBytes(stream: string, seq: number): Promise<StoredBytes | undefined> {
    const subject = `$JS.API.DIRECT.GET.${stream}`;
    const { headers, data } = await this.client.request(subject, `{"seq":${seq}}`);
    const found = headers?.get("Nats-Subject");
    if (found) return { subject: found, bytes: data };
    const message = await this.#find(stream, { seq });
    return message && { subject: message.subject, bytes: fromBase64(message.data) };
  }

  /** Removes messages; returns how many. */
  async purge(
    stream: string,
    which: { readonly seq?: number; readonly filter?: string },
  ): Promise<number> {
    const { purged } = await this.call<{ purged: number }>(`STREAM.PURGE.${stream}`, which);
    return purged;
  }

  /** Removes a message; returns whether it existed. With `erase`, its bytes are overwritten. */
  async remove(
    stream: string,
    seq: number,
    { erase = false, timeout }: { erase?: boolean; timeout?: number } = {},
  ): Promise<boolean> {
    try {
      await this.call(`STREAM.MSG.DELETE.${stream}`, { seq, no_erase: !erase }, timeout);
      return true;
    } catch (error) {
      // Depends on whether it was the first or the last one of the stream, or one between them.
      const { noMessage, noSequence, notDeleted } = ERROR_CODE;
      const codes = [noMessage, noSequence, notDeleted];
      if (codes.some((code) => hasErrorCode(error, code))) return false;
      throw error;
    }
  }

  /** Calls a method of the API. */
  async call<Reply>(method: string, body?: unknown, timeout?: number): Promise<Reply> {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const options = timeout === undefined ? {} : { timeout };
    const message = await this.client.request(`$JS.API.${method}`, payload, options);
    const reply: Reply & ApiReply = message.json();
    checkReply(reply);
    return reply;
  }
}

/** The value of a header in {@linkcode StreamMessage.headers}. */
export function headerIn(headers: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(\\S+)`, "m").exec(headers)?.[1];
}

/** Whether JetStream rejected a request with this `err_code`. */
export function hasErrorCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamError && error.code === code;
}

/** Parses JSON; returns `undefined` if it is invalid: other clients can write to our subjects. */
export function parseJson<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface MessageReply {
  readonly message: {
    readonly seq: number;
    readonly subject: string;
    readonly time: string;
    readonly data?: string;
    readonly hdrs?: string;
  };
}

function checkReply({ error }: ApiReply): void {
  if (error === undefined) return;
  throw new JetStreamError(error.err_code ?? 0, error.description ?? "no reason given");
}

function fromBase64(text = ""): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
