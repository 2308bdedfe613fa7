import { openCpuWindow } from "./cpu_window.ts";
import { Readers } from "./readers.ts";
import { Latencies } from "./latencies.ts";
import type { Scenario } from "./scenario.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";

const PAIRS = 64;
const WARM_UP = 1_500;
const DURATION = 4_000;

/** Pairs with direct messages: the next one is sent when the last one has been both acknowledged and received. */
export const pairs: Scenario = ({ loop, serverPid }) => {
  const sessions = signIn(loop, 2 * PAIRS);
  const receivers = sessions.slice(0, PAIRS);
  const sentAt: number[] = Array(PAIRS).fill(0);
  const turns: number[] = Array(PAIRS).fill(0);
  let latencies = new Latencies();
  let received = 0;

  new Readers(loop, receivers, {
    channels: [],
    onDelivery: (index) => {
      latencies.add(performance.now() - sentAt[index]!);
      received++;
      sendWhenBoth(index);
    },
  });
  const senders = sessions.slice(PAIRS).map((session, index) =>
    new Sender(loop, session.privateToken, () => sendWhenBoth(index))
  );
  const messages = receivers.map(({ publicToken }) => numbered(`direct:${publicToken}`, 0));

  function sendWhenBoth(index: number): void {
    turns[index]! += 1;
    if (turns[index] === 2) send(index);
  }

  function send(index: number): void {
    turns[index] = 0;
    sentAt[index] = performance.now();
    senders[index]!.send(messages[index]!);
  }

  for (let index = 0; index < PAIRS; index++) send(index);
  loop.runFor(WARM_UP);
  latencies = new Latencies();
  received = 0;
  const closeWindow = openCpuWindow(serverPid);
  loop.runFor(DURATION);
  const { seconds, server, generator } = closeWindow();
  if (turns.some((_, index) => performance.now() - sentAt[index]! > DURATION / 2)) {
    throw new Error("A pair is stuck: its last message was lost");
  }

  return [
    { metric: "pairs.rate", value: received / seconds, generator },
    { metric: "pairs.p99", value: latencies.quantile(0.99) },
    { metric: "pairs.cpu", value: server * 1e6 / received },
  ];
};
