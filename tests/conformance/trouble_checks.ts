import { answerWith, FOREIGN, problem } from "./answers.ts";
import type { Check } from "./check.ts";
import { FaultProxy, type Handler, passOn } from "./fault_proxy.ts";
import { SECRET, tokenFor } from "../support/tokens.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { expect, expectEqual, pass, request, Stage, tokenOf } from "./stage.ts";

/** What a client must do when requests fail, and when it must stop. */
export const TROUBLE: readonly Check[] = [
  ...Object.entries(FOREIGN).map(([what, answer]): Check => ({
    name: `foreign answers: ${what} is a disturbance, for polls and sends`,
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", answerWith(answer), answerWith(answer));
      stage.proxy.next("send", answerWith(answer));

      await client.send({ channel: stage.room, text: "one" });
      await client.line("sent");
      await stage.say("two");

      await client.until(() => client.texts.length === 2, "messages are missing");
      expectEqual(client.texts, ["one", "two"], "it received");
      expectEqual((await stage.stored()).length, 2, "number of stored messages");
      expectEqual(client.of("stopped"), [], "it printed");
    },
  })),
  {
    name: "redirect: no other address gets the token",
    async run(stage) {
      const other = stage.use(await FaultProxy.open(stage.server));
      for (const kind of ["poll", "send", "other"] as const) other.always(kind, passOn);
      const client = await stage.reading();
      const redirects = [301, 307, 308].map((status) =>
        answerWith({ status, headers: { location: `${other.url}/api/poll` }, body: "" })
      );
      stage.proxy.next("poll", ...redirects);

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.say("two");

      await client.until(() => client.texts.length === 2, "the second message is missing");
      expectEqual(other.requests.map(tokenOf).filter(Boolean).length, 0, "requests with the token");
    },
  },
  {
    name: "Retry-After: it waits as long as Halley asks for, in ms",
    run: (stage) => waits(stage, problem(429, "too_many_requests", 2500), 2500),
  },
  {
    name: "Retry-After: it waits as long as a proxy asks for, in seconds",
    run: (stage) =>
      waits(stage, { ...FOREIGN["an error page 502"], headers: { "retry-after": "2" } }, 2000),
  },
  {
    name: "retryAfter of a reply: it waits before the next poll",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", async (passing) => {
        const answer = await passing.forward();
        const body = JSON.stringify({ ...JSON.parse(answer.body), retryAfter: 1500 });
        passing.answer({ ...answer, body });
      });

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.proxyHas("poll", (polls) => polls.length >= 3);
      await stage.say("two");
      await client.until(() => client.texts.length === 2, "the second message is missing");
      const polls = stage.proxy.of("poll").length;
      await stage.proxyHas("poll", (list) => list.length > polls);

      const times = stage.proxy.of("poll").map(({ at }) => at);
      const delays = times.slice(1).map((at, n) => at - (times[n] ?? 0));
      expect(delays.some((delay) => delay >= 1400), `it polled after ${delays.map(Math.round)} ms`);
    },
  },
  {
    name: "backoff: while nothing works, attempts become rare",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.always("poll", answerWith(FOREIGN["an error page 502"]));
      const before = stage.proxy.of("poll").length;

      await stage.say("one");
      await pass(5000);
      const attempts = stage.proxy.of("poll").length - before;
      stage.proxy.always("poll");

      await client.until(() => client.texts.includes("one"), "it does not recover");
      await stage.say("two");
      await client.until(() => client.texts.includes("two"), "it does not go on");
      expect(attempts <= 15, `${attempts} attempts in 5 s`);
    },
  },
  {
    name: "restart: nothing is lost when the server is killed while messages are sent",
    run: restart,
  },
  {
    name: "superseded: it stops, and polls no more",
    async run(stage) {
      const client = await stage.reading();
      await stage.proxyHas("poll", (polls) => polls.length >= 2);
      const last = stage.proxy.of("poll").at(-1);
      if (last === undefined) throw new Error("it has not polled");
      const { tab, cursor } = last.body;

      const turn = Date.now() + 1_000_000;
      const token = tokenOf(last);
      const body = { channels: [stage.room], tab, cursor, turn, hold: 5000 };
      const other = request("POST", `${stage.server}/api/poll`, { body, token });
      await stops(stage, client, ["superseded"]);

      await stage.say("one");
      await other;
    },
  },
  {
    name: "signed out: it stops, and polls no more",
    async run(stage) {
      const client = await stage.reading();
      const { privateToken = "" } = await client.line("session");

      await request("DELETE", `${stage.server}/api/session`, { token: privateToken });

      await stops(stage, client, ["signed_out", "not_signed_in"]);
    },
  },
  {
    name: "a token that is not valid: it stops at once",
    async run(stage) {
      const client = stage.start({ token: "pdUJoTNdw0l95usVWcdutMxY0EXXTQPu" });

      await stops(stage, client, ["signed_out", "not_signed_in"]);
    },
  },
  {
    name:
      "token renewal: after token_expired it asks for a token, and goes on with the same cursor",
    run: tokenRenewal,
  },
  {
    name: "refused room: a room that may not be read is left out, and the others are read",
    run: refusedRoom,
  },
  {
    name: "refused: a poll with an invalid channel is final",
    async run(stage) {
      const client = stage.start({ channels: ["tea"] });

      await stops(stage, client, ["refused", "invalid_request"]);
    },
  },
];

/** Answers polls once with an answer that asks for a delay, and expects the delay. */
async function waits(
  stage: Stage,
  answer: Parameters<typeof answerWith>[0],
  ms: number,
): Promise<void> {
  const client = await stage.reading();
  let answeredAt = 0;
  stage.proxy.next("poll", (passing) => {
    answeredAt = performance.now();
    passing.answer(answer);
  });

  await stage.say("one");
  await client.until(() => client.texts.length === 1, "the first message is missing");
  await stage.say("two");

  await client.until(() => client.texts.length === 2, "the second message is missing");
  const next = stage.proxy.of("poll").find(({ at }) => answeredAt > 0 && at > answeredAt);
  const delay = Math.round((next?.at ?? 0) - answeredAt);
  expect(delay >= ms - 50, `it polled again after ${delay} ms, not ${ms}`);
}

/** Expects that the client tells one of these reasons, ends, and sends no further poll. */
async function stops(
  stage: Stage,
  client: ReturnType<Stage["start"]>,
  reasons: readonly string[],
): Promise<void> {
  const { reason = "" } = await client.line("stopped");
  expect(reasons.includes(reason), `the reason is "${reason}" instead of ${reasons.join(" or ")}`);
  const polls = stage.proxy.of("poll").length;
  expectEqual(await client.ended(), 0, "the exit status");
  expectEqual(stage.proxy.of("poll").length, polls, "number of polls");
}

async function tokenRenewal(stage: Stage): Promise<void> {
  const server = await stage.startServer({
    ...{ STORE: "memory", LIMITS: "off", AUTH: "jwt", JWT_SECRET: SECRET },
    ...{ JWT_ISSUER: "https://shop.example", JWT_AUDIENCE: "halley" },
  });
  const { client: settings, room } = stage;
  const own = stage.use(await Stage.open(settings, { server: server.url, room }));
  const [alice, old, renewed] = await Promise.all(
    [{ sub: "1" }, { jti: "old" }, { jti: "renewed" }].map((claims) => tokenFor(claims)),
  );
  const say = (text: string) => own.send({ channel: room, text }, alice ?? "");
  const give = (body = "") =>
    own.proxy.always("token", answerWith({ status: 200, headers: {}, body }));
  give(old);
  const client = await own.reading({ asksForToken: true });
  await say("one");
  await client.until(() => client.texts.length === 1, "the first message is missing");

  give(renewed);
  own.proxy.next("token", answerWith(FOREIGN["an error page 502"]));
  const reject: Handler = async (passing) => {
    if (tokenOf(passing) === old) passing.answer(problem(401, "token_expired"));
    else await passOn(passing);
  };
  for (const kind of ["poll", "send"] as const) own.proxy.always(kind, reject);
  await say("two");
  await client.send({ channel: room, text: "three" });

  await client.until(() => client.texts.length >= 3, "messages are missing");
  expectEqual(client.texts.toSorted(), ["one", "three", "two"], "it received");
  const polls = own.proxy.of("poll");
  const at = polls.findIndex((poll) => tokenOf(poll) === renewed);
  expectEqual(polls[at]?.body.cursor, polls[at - 1]?.body.cursor, "the cursor with the new token");
  expect(own.proxy.of("token").length <= 6, "it asks for tokens again and again");
}

async function refusedRoom(stage: Stage): Promise<void> {
  const [closed, full] = [`${stage.room}-closed`, `${stage.room}-full`];
  let isFull = true;
  stage.proxy.always("poll", async (passing) => {
    const answer = await passing.forward();
    const { channels } = passing.body;
    const refused = [
      ...[{ channel: closed, code: "not_allowed" }],
      ...(isFull ? [{ channel: full, code: "too_many_rooms" }] : []),
    ].filter(({ channel }) => Array.isArray(channels) && channels.includes(channel));
    const body = JSON.stringify({ ...JSON.parse(answer.body), refused });
    passing.answer({ ...answer, body });
  });
  const client = await stage.reading({ channels: [stage.room, closed, full] });

  await stage.say("one");
  await client.until(() => client.texts.includes("one"), "the other room is not read");
  isFull = false;
  await stage.say("two", full);
  await client.until(() => client.texts.includes("two"), "the room that was full is not read");

  const leftOut = client.of("left_out").map(({ channel, code }) => [channel, code]);
  expectEqual(leftOut, [[closed, "not_allowed"]], "it left out");
  const polls = stage.proxy.of("poll").slice(1);
  expect(!JSON.stringify(polls.map(({ body }) => body)).includes(closed), "it polls for that room");
}

async function restart(stage: Stage): Promise<void> {
  const server = stage.use(await RestartableServer.start());
  const own = stage.use(
    await Stage.open(stage.client, { server: server.url, room: stage.room }),
  );
  const client = await own.reading();
  const texts = Array.from({ length: 12 }, (_, n) => `message ${n}`);

  for (const [n, text] of texts.entries()) {
    await client.send({ channel: own.room, text });
    if (n % 6 !== 3) continue;
    await server.kill();
    await pass(300);
    await server.restart();
  }

  await client.until(() => client.of("sent").length === texts.length, "sends are unanswered");
  await client.until(() => client.texts.length >= texts.length, "messages are missing");
  expectEqual(client.texts, texts, "it received");
  expectEqual((await own.stored()).map(({ text }) => text), texts, "the server has");
  expectEqual(client.of("gap").length, 0, "number of gaps");
}
