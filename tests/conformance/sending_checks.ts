import { answerWith, cut, lose, problem } from "./answers.ts";
import type { Check } from "./check.ts";
import { expect, expectEqual, pass } from "./stage.ts";

/** What a client must do when it sends. */
export const SENDING: readonly Check[] = [
  {
    name: "idempotent sends: a send whose answers are lost is stored once, with one key",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("send", (passing) => passing.drop(), lose, cut);

      await client.send({ channel: stage.room, text: "one" });
      const { message } = await client.line("sent");

      const keys = new Set(stage.proxy.of("send").map(({ body }) => body.key));
      const stored = await stage.stored();
      expectEqual(stored.map(({ text }) => text), ["one"], "the server has");
      expectEqual(message?.id, stored[0]?.id, "the id");
      expectEqual(
        [keys.size, [...keys].every((key) => typeof key === "string")],
        [1, true],
        "keys",
      );
      await client.until(() => client.texts.length > 0, "it does not receive its own message");
      expectEqual(client.texts, ["one"], "it received");
    },
  },
  {
    name: "idempotent sends: each message has a key of its own, also if the texts are the same",
    async run(stage) {
      const client = await stage.reading();

      for (let n = 0; n < 3; n++) await client.send({ channel: stage.room, text: "same" });

      await client.until(() => client.of("sent").length === 3, "sends are unanswered");
      expectEqual((await stage.stored()).length, 3, "number of stored messages");
    },
  },
  {
    name: "outbox order: messages are stored in the order of the lines, whatever is lost",
    async run(stage) {
      const client = await stage.reading();
      const texts = Array.from({ length: 8 }, (_, n) => `message ${n}`);
      stage.proxy.next("send", lose, cut, answerWith(problem(500, "store_unavailable", 100)));

      for (const text of texts) await client.send({ channel: stage.room, text });

      await client.until(() => client.of("sent").length === texts.length, "sends are unanswered");
      expectEqual((await stage.stored()).map(({ text }) => text), texts, "the server has");
      const sent = client.of("sent").map(({ message }) => message?.text);
      expectEqual(sent, texts, "it printed as sent");
    },
  },
  {
    name: "refused sends are final, and the next ones are sent",
    async run(stage) {
      const client = await stage.reading();

      await client.send({ channel: "notice", text: "not allowed" });
      await client.send({ channel: stage.room, text: "one" });

      const { code } = await client.line("refused");
      await client.line("sent");
      expectEqual(code, "not_allowed", "the code");
      const attempts = stage.proxy.of("send").filter(({ body }) => body.channel === "notice");
      expectEqual(attempts.length, 1, "attempts");
    },
  },
  {
    name: "Retry-After: a send that exceeds a limit waits, and is sent then",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("send", answerWith(problem(429, "too_many_requests", 1500)));

      await client.send({ channel: stage.room, text: "one" });
      await client.line("sent");

      const [first, second] = stage.proxy.of("send").map(({ at }) => at);
      const delay = Math.round((second ?? 0) - (first ?? 0));
      expect(delay >= 1450, `it sent again after ${delay} ms`);
    },
  },
  {
    name: "kept keys: a send is not repeated when the server may have forgotten its key",
    async run(stage) {
      const keyAge = 3000;
      for (const kind of ["sign-in", "session"] as const) {
        stage.proxy.always(kind, async (passing) => {
          const answer = await passing.forward();
          const { settings, ...rest } = JSON.parse(answer.body);
          const body = JSON.stringify({ ...rest, settings: { ...settings, keyAge } });
          passing.answer({ ...answer, body });
        });
      }
      const client = await stage.reading();
      stage.proxy.always("send", lose);

      await client.send({ channel: stage.room, text: "one" });
      const { code } = await client.line("refused");
      await pass(keyAge);

      expectEqual(code, "key_expired", "the code");
      const times = stage.proxy.of("send").map(({ at }) => at);
      const last = Math.round((times.at(-1) ?? 0) - (times[0] ?? 0));
      expect(last < keyAge, `it sent again ${last} ms after the first time`);
      expectEqual((await stage.stored()).length, 1, "number of stored messages");
    },
  },
];
