import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../server/commands/soak/seeded_random.ts";
import { NatsClient } from "../../../../server/stores/nats/nats_client.ts";
import {
  JetStream,
  JetStreamError,
  type StreamMessage,
} from "../../../../server/stores/nats/nats_jetstream.ts";
import { readAll } from "../../../../server/stores/nats/nats_read_all.ts";
import { type NatsServer, natsTest, newestNatsTest } from "../../../stores/nats_server.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./nats_conditions.ts";
import { NatsModel } from "./nats_model.ts";

type Operation = (jetstream: JetStream) => Promise<unknown>;

natsTest("[K40] the model of NATS answers random operations as NATS does", (server) => {
  return compare(server);
});

newestNatsTest(
  "[K40] the model of NATS answers random operations as newer servers do",
  (server) => {
    return compare(server);
  },
);

async function compare(server: NatsServer): Promise<void> {
  const random = new SeededRandom(7, "operations");
  using time = new RealTime();
  await using real = await NatsClient.open({ servers: [server.address], tls: false });
  const newServers = await apiLevel(new JetStream(real)) >= 2 ? 1 : 0;
  const nats = new NatsModel({ time, conditions: CALM, servers: 1, newServers });
  const connect = () => Promise.resolve(nats.connect(time));
  await using model = await NatsClient.open({ servers: [], tls: false }, { connect });
  const both = [new JetStream(real), new JetStream(model)] as const;
  const configs = [-1, 1, 3].map((max, n) => ({
    ...{ name: `S${n}`, subjects: [`s${n}.>`], storage: "file", retention: "limits" },
    ...{ max_msgs_per_subject: max, allow_direct: true, discard: "old" },
  }));
  for (const jetstream of both) {
    for (const config of configs) await jetstream.call(`STREAM.CREATE.${config.name}`, config);
  }

  for (let n = 0; n < 1_500; n++) {
    const run = operation(random);
    const [expected, answer] = await Promise.all(both.map((one) => answerOf(() => run(one))));

    assertEquals(answer, expected, `operation ${n}`);
  }
}

async function apiLevel(jetstream: JetStream): Promise<number> {
  const { api } = await jetstream.call<{ readonly api?: { readonly level?: number } }>("INFO");
  return api?.level ?? 0;
}

function operation(random: SeededRandom): Operation {
  const number = (max: number) => Math.floor(random.next() * max);
  const n = number(3);
  const stream = `S${n}`;
  const subject = `s${n}.${["a", "b", "a.b", "c"][number(4)]}`;
  const pattern = [`s${n}.>`, `s${n}.*`, subject, `s${n}.a.>`][number(4)] ?? "";
  const seq = 1 + number(40) * (1 + number(3));
  const kind = number(14);
  if (kind < 5) {
    const text = `text ${number(100)} 茶`;
    const headers = {
      ...(number(2) && { "Nats-Msg-Id": `${number(60)}` }),
      ...[
        { "Nats-Expected-Last-Sequence": `${seq}` },
        { "Nats-Expected-Last-Subject-Sequence": `${number(5)}` },
        { "Nats-Expected-Last-Msg-Id": "none" },
      ][number(8)],
      "Halley-Owner": "somebody",
    };
    return async (jetstream) => {
      const { seq, duplicate } = await jetstream.publish(subject, text, { headers });
      return [seq, duplicate];
    };
  }
  if (kind === 5) return (jetstream) => jetstream.remove(stream, seq % 4 ? seq : 0);
  if (kind === 6) {
    const which = [{ seq }, { filter: pattern }, { filter: subject }] as const;
    const chosen = which[number(3)] ?? { seq };
    return (jetstream) => jetstream.purge(stream, chosen);
  }
  if (kind === 7) return async (jetstream) => shown(await jetstream.get(stream, { seq }));
  if (kind === 8) {
    const query = { seq, next_by_subj: pattern };
    return async (jetstream) => shown(await jetstream.get(stream, query));
  }
  if (kind === 9) {
    return async (jetstream) => shown(await jetstream.get(stream, { last_by_subj: pattern }));
  }
  if (kind === 10) return (jetstream) => jetstream.getText(stream, seq);
  if (kind === 11) {
    const [headersOnly, after] = [number(2) === 1, number(20)];
    return async (jetstream) => {
      const seen: unknown[] = [];
      await readAll(jetstream, { stream, subject: pattern, headersOnly, after }, (delivery) => {
        const { seq, subject, bytes, owner, text } = delivery;
        seen.push([seq, subject, bytes, owner, text()]);
      });
      return seen;
    };
  }
  return async (jetstream) => {
    const { state: { messages, first_seq, last_seq } } = await jetstream.info(stream);
    return [messages, first_seq, last_seq];
  };
}

function shown(message: StreamMessage | undefined) {
  return message && [message.seq, message.subject, message.text, message.owner];
}

async function answerOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error instanceof JetStreamError ? error.code : String(error);
  }
}
