import { openCpuWindow } from "./cpu_window.ts";
import { Latencies } from "./latencies.ts";
import type { Scenario } from "./scenario.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";

const SENDERS = 64;
const ROOMS = 100;
const WARM_UP = 1_000;
const DURATION = 3_000;

/** Senders in a closed loop, to rooms without readers. */
export const appends: Scenario = ({ loop, serverPid }) => {
  const messages = Array.from({ length: ROOMS }, (_, room) => numbered(`room:r${room}`, 0));
  let latencies = new Latencies();
  let acknowledged = 0;

  for (const [index, session] of signIn(loop, SENDERS).entries()) {
    let room = index;
    let sentAt = 0;
    const sender = new Sender(loop, session.privateToken, () => {
      latencies.add(performance.now() - sentAt);
      acknowledged++;
      send();
    });
    const send = () => {
      sentAt = performance.now();
      sender.send(messages[room++ % ROOMS]!);
    };
    send();
  }

  loop.runFor(WARM_UP);
  latencies = new Latencies();
  acknowledged = 0;
  const closeWindow = openCpuWindow(serverPid);
  loop.runFor(DURATION);
  const { seconds, server, generator } = closeWindow();

  return [
    { metric: "appends.rate", value: acknowledged / seconds, generator },
    { metric: "appends.p99", value: latencies.quantile(0.99) },
    { metric: "appends.cpu", value: server * 1e6 / acknowledged },
  ];
};
