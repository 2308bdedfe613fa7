import { Refused } from "../../core/model/refused.ts";
import { type Headers, type NatsClient, RETRY_AFTER } from "./nats_client.ts";

/** What JetStream says of a stream that is asked for here. Durations in ns. */
export interface StreamConfig {
  readonly name: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly retention?: string;
  readonly storage?: string;
  readonly discard?: string;
  readonly num_replicas?: number;
  readonly max_age?: number | undefined;
  readonly max_msgs?: number;
  readonly max_bytes?: number;
  readonly max_msg_size?: number;
  readonly max_msgs_per_subject?: number;
  readonly duplicate_window?: number | undefined;
  readonly allow_direct?: boolean;
}

/** A stream as it is. */
export interface StreamInfo {
  readonly config: StreamConfig;
  /** Who keeps it; not there where the server is in no cluster. */
  readonly cluster?: { readonly leader?: string };
  readonly state: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
}

/** Where a message has been stored. */
export interface PublishAck {
  readonly seq: number;
  /** Whether it had been stored before, under the same id. */
  readonly duplicate?: boolean;
}

/** A message of a stream. */
export interface StreamMessage {
  readonly seq: number;
  readonly subject: string;
  /** When it was stored, by the clock of the stream: Unix time in ms. */
  readonly at: number;
  readonly text: string;
  /** As they stand in the protocol. */
  readonly headers: string;
}

/** Which message is asked for. */
export type MessageQuery =
  | { readonly seq: number; readonly next_by_subj?: string }
  | { readonly last_by_subj: string };

/** JetStream's own numbers of what it refuses. */
export const ERROR_CODE = {
  notNow: 10008,
  noMessage: 10037,
  notDeleted: 10057,
  noStream: 10059,
  streamNameInUse: 10058,
  wrongSequence: 10071,
} as const;

/** JetStream has turned something down, for a reason that it has a number for. */
export class JetStreamError extends Refused {
  constructor(readonly code: number, description: string) {
    super("store_unavailable", `JetStream refuses: ${description}`, RETRY_AFTER);
  }
}

interface ApiReply {
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/**
 * JetStream's API, as far as it is needed: https://docs.nats.io/reference/reference-protocols/nats_api_reference.
 * Refuses with `store_unavailable` what is not answered, and with `JetStreamRefused` what is turned down.
 */
export class JetStream {
  readonly client: NatsClient;

  constructor(link: NatsClient) {
    this.client = link;
  }

  /** Stores a message; it is durable when this resolves. */
  async publish(
    subject: string,
    payload: string,
    { headers, limit }: { headers?: Headers; limit?: number } = {},
  ): Promise<PublishAck> {
    const options = { ...(headers && { headers }), ...(limit !== undefined && { limit }) };
    const stored: PublishAck & ApiReply = (await this.client.request(subject, payload, options))
      .json();
    throwError(stored);
    return stored;
  }

  async info(stream: string, limit?: number): Promise<StreamInfo> {
    return await this.call<StreamInfo>(`STREAM.INFO.${stream}`, undefined, limit);
  }

  /** The message, by the word of the stream's leader. */
  async get(
    stream: string,
    wanted: MessageQuery,
    limit?: number,
  ): Promise<StreamMessage | undefined> {
    try {
      const { message } = await this.call<MessageReply>(
        `STREAM.MSG.GET.${stream}`,
        wanted,
        limit,
      );
      const { seq, subject, time, data = "", hdrs = "" } = message;
      return { seq, subject, at: Date.parse(time), text: fromBase64(data), headers: atob(hdrs) };
    } catch (error) {
      if (hasErrorCode(error, ERROR_CODE.noMessage)) return undefined;
      throw error;
    }
  }

  /** The text of a message, by the word of any replica, which may not have the newest ones yet. */
  async getText(stream: string, seq: number): Promise<string | undefined> {
    const subject = `$JS.API.DIRECT.GET.${stream}`;
    const message = await this.client.request(subject, `{"seq":${seq}}`, { limit: 1_000 });
    return message.headers?.code === 404 ? undefined : message.string();
  }

  /** Removes messages; says how many. */
  async purge(
    stream: string,
    which: { readonly seq?: number; readonly filter?: string; readonly keep?: number },
  ): Promise<number> {
    const { purged } = await this.call<{ purged: number }>(`STREAM.PURGE.${stream}`, which);
    return purged;
  }

  /** Asks JetStream's API; `limit` (ms) is for those who ask again. */
  async call<Reply>(api: string, body?: unknown, limit?: number): Promise<Reply> {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const options = limit === undefined ? {} : { limit };
    const message = await this.client.request(`$JS.API.${api}`, payload, options);
    const reply: Reply & ApiReply = message.json();
    throwError(reply);
    return reply;
  }
}

/** Whether JetStream has refused, for the reason of that number. */
export function hasErrorCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamError && error.code === code;
}

/** Reads JSON; what is none, since a stranger wrote it, is `undefined`. */
export function parseJson<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is wrong with it, nothing of ours looks so.
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

function throwError({ error }: ApiReply): void {
  if (error === undefined) return;
  throw new JetStreamError(error.err_code ?? 0, error.description ?? "no reason given");
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}
