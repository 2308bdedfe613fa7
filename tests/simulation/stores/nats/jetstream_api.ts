import { Buffer } from "node:buffer";
import type { StreamConfig } from "../../../../server/stores/nats/nats_stream_info.ts";
import type { ModelTime } from "../model_time.ts";
import type { NatsConditions } from "./nats_conditions.ts";
import type { StreamGroup } from "./stream_group.ts";
import { matches, type Purge, type StoredMessage, type StreamState } from "./stream_state.ts";

/** A request to change or to read a stream, and how to reply. */
export interface StreamRequest {
  readonly group: StreamGroup;
  readonly body: string;
  readonly reply: (answer: object) => void;
}

/** What requests need to know of the servers. */
export interface ApiContext {
  readonly conditions: NatsConditions;
  readonly time: ModelTime;
  readonly isClustered: boolean;
  /** The level of JetStream's API. From 2 on, it has batches. */
  readonly apiLevel: number;
}

/** A message on its way to a stream. */
interface Publication {
  readonly subject: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Stores a message that was published to a subject of a stream, unless its headers forbid that. */
export function publish(
  request: StreamRequest,
  publication: Publication,
  context: ApiContext,
): void {
  const { group, body, reply } = request;
  const { subject, headers } = publication;
  const { conditions, time } = context;
  const batch = headers.get("Nats-Batch-Id");
  if (batch && context.apiLevel >= 2) return publishInBatch(request, publication, context);
  const stream = group.config.name;
  // With one replica, newer servers look at the sequence numbers before they look for the id.
  const checksNumbersFirst = context.apiLevel >= 2 && (group.config.num_replicas ?? 1) === 1;
  group.change((state) => {
    const duplicate = state.seqOf(headers.get("Nats-Msg-Id") ?? "");
    const wrong = wrongSequence(state, subject, headers);
    if (duplicate !== undefined && !(checksNumbersFirst && wrong !== undefined)) {
      return reply({ stream, seq: duplicate, duplicate: true });
    }
    if (wrong !== undefined) return reply(failed(10071, `wrong last sequence: ${wrong}`));
    const lastId = state.get(state.info.last_seq)?.headers.get("Nats-Msg-Id");
    if ((headers.get("Nats-Expected-Last-Msg-Id") ?? lastId) !== lastId) {
      return reply(failed(10070, `wrong last msg ID: ${lastId}`));
    }
    if (conditions.isFull()) return reply(failed(10023, "insufficient resources"));
    const message = { subject, payload: body, headers, at: time.wallNow() };
    group.commit({ type: "store", messages: [message] });
    reply({ stream, seq: state.info.last_seq });
  });
}

/** Keeps a message until its batch ends, and then stores the batch, unless something is missing or was stored before. */
function publishInBatch(
  { group, body, reply }: StreamRequest,
  { subject, headers }: Publication,
  { conditions, time }: ApiContext,
): void {
  const { config: { name: stream, allow_atomic }, batches } = group;
  const batch = headers.get("Nats-Batch-Id") ?? "";
  group.change((state) => {
    if (!allow_atomic) return reply(failed(10174, "atomic publish is disabled"));
    const messages = batches.get(batch) ?? [];
    messages.push({ subject, payload: body, headers, at: time.wallNow() });
    if (headers.get("Nats-Batch-Sequence") !== String(messages.length)) {
      batches.delete(batch);
      return reply(failed(10176, "atomic publish batch is incomplete"));
    }
    batches.set(batch, messages);
    if (!headers.has("Nats-Batch-Commit")) return;
    batches.delete(batch);
    const ids = messages.flatMap(({ headers }) => headers.get("Nats-Msg-Id") ?? []);
    if (new Set(ids).size < ids.length || ids.some((id) => state.seqOf(id) !== undefined)) {
      return reply(failed(10201, "atomic publish batch contains duplicate message id"));
    }
    if (conditions.isFull()) return reply(failed(10023, "insufficient resources"));
    group.commit({ type: "store", messages });
    reply({ stream, seq: state.info.last_seq, batch, count: messages.length });
  });
}

function wrongSequence(
  state: StreamState,
  subject: string,
  headers: ReadonlyMap<string, string>,
): number | undefined {
  const expected = [
    [headers.get("Nats-Expected-Last-Sequence"), state.info.last_seq],
    [headers.get("Nats-Expected-Last-Subject-Sequence"), state.last(subject)?.seq ?? 0],
  ] as const;
  return expected.find(([wanted, last]) => wanted !== undefined && Number(wanted) !== last)?.[1];
}

/** The methods of the API that ask the leader of a stream. */
export const STREAM_METHODS = {
  INFO: ({ group, reply }: StreamRequest, { isClustered }: ApiContext) => {
    const { config, leader, replicas } = group;
    const others = replicas.filter((one) => one !== leader);
    const cluster = {
      name: "model",
      leader: `n${leader?.server}`,
      replicas: others.map(({ server }) => ({ name: `n${server}` })),
    };
    reply({ config, state: leader?.state.info, ...(isClustered && { cluster }) });
  },

  "MSG.GET": ({ group, body, reply }: StreamRequest) => {
    const message = group.leader && find(group.leader.state, JSON.parse(body));
    if (message === undefined) return reply(failed(10037, "no message found"));
    const { seq, subject, payload, headers, at } = message;
    const lines = ["NATS/1.0", ...[...headers].map(([name, value]) => `${name}: ${value}`), "", ""];
    const hdrs = headers.size > 0 && { hdrs: encodeBase64(lines.join("\r\n")) };
    const time = new Date(at).toISOString();
    reply({ message: { seq, subject, time, data: encodeBase64(payload), ...hdrs } });
  },

  "MSG.DELETE": ({ group, body, reply }: StreamRequest) => {
    const { seq }: { seq: number } = JSON.parse(body);
    group.change((state) => {
      if (state.get(seq) === undefined) {
        const { first_seq, last_seq } = state.info;
        const isBetween = seq >= first_seq && seq <= last_seq;
        return reply(failed(isBetween ? 10043 : 10057, `sequence ${seq} not found`));
      }
      group.commit({ type: "remove", seq });
      reply({ success: true });
    });
  },

  PURGE: ({ group, body, reply }: StreamRequest, { apiLevel }: ApiContext) => {
    const purge: Purge = JSON.parse(body || "{}");
    group.change(() => {
      // Nothing is before the first number; earlier servers take it for no bound.
      const isEmpty = purge.seq === 1 && apiLevel >= 2;
      const purged = isEmpty ? 0 : group.commit({ type: "purge", purge });
      reply({ success: true, purged });
    });
  },

  UPDATE: ({ group, body, reply }: StreamRequest) => {
    const config: StreamConfig = JSON.parse(body);
    group.configure(withDefaults(config));
    reply({ config: group.config, state: group.leader?.state.info });
  },
} as const;

/** The configuration as the servers complete it. */
export function withDefaults(config: StreamConfig): StreamConfig {
  const { max_age = 0, duplicate_window = 120e9, num_replicas = 1 } = config;
  return { ...config, max_age, duplicate_window, num_replicas };
}

/** The answer to a request that failed. */
export function failed(err_code: number, description: string) {
  return { error: { code: 400, err_code, description } };
}

type Query = {
  readonly seq?: number;
  readonly next_by_subj?: string;
  readonly last_by_subj?: string;
};

function find(
  state: StreamState,
  { seq, next_by_subj, last_by_subj }: Query,
): StoredMessage | undefined {
  if (last_by_subj !== undefined) return state.last(last_by_subj);
  if (next_by_subj !== undefined) return state.next(seq ?? 0, next_by_subj);
  return state.get(seq ?? 0);
}

/** Whether a stream has this subject. */
export function isSubjectOf({ subjects = [] }: StreamConfig, subject: string): boolean {
  return subjects.some((pattern) => matches(pattern, subject));
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
