import { openCpuWindow } from "./cpu_window.ts";
import { Crowd } from "./crowd.ts";
import { Latencies } from "./latencies.ts";
import type { Reading } from "../figures.ts";
import type { Scenario, Target } from "./scenario.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";

const ROOM = "room:tea";
/** Sent before anything is measured, while the server's code is still being compiled. */
const WARM_UP = 10;
const FLOOD_WARM_UP = 1_000;
const FLOOD = 3_000;
/** 8 publishers with a message every 80 ms each are 100 messages a second. */
const PUBLISHERS = 8;
const PUBLISHER_INTERVAL = 80;
/** How long the last messages may take to reach everyone. */
const DRAIN_LIMIT = 30_000;

/** One message to 1,000 parked readers; then as many messages as one sender gets rid of. */
export const fanOut1000: Scenario = (target) => {
  const room = fill(target, { readers: 1_000, senders: 1 });
  const waves = sendWaves(target, room, 60);
  return [
    { figure: "fanout-1000.p50", value: waves.p50 },
    { figure: "fanout-1000.p99", value: waves.p99 },
    { figure: "fanout-1000.cpu", value: waves.cpu },
    ...flood(target, room, "fanout-1000", () => {
      for (const sender of room.senders) if (!sender.isWaiting) room.publish(sender);
    }),
  ];
};

/** One message to 5,000 parked readers; then 100 messages a second from 8 senders. */
export const fanOut5000: Scenario = (target) => {
  const room = fill(target, { readers: 5_000, senders: PUBLISHERS });
  const waves = sendWaves(target, room, 15);
  const start = performance.now();
  const due = room.senders.map((_, index) => start + index * PUBLISHER_INTERVAL / PUBLISHERS);
  return [
    { figure: "fanout-5000.p50", value: waves.p50 },
    { figure: "fanout-5000.p99", value: waves.p99 },
    { figure: "fanout-5000.cpu", value: waves.cpu },
    ...flood(target, room, "fanout-5000", () => {
      for (const [index, sender] of room.senders.entries()) {
        if (sender.isWaiting || performance.now() < due[index]!) continue;
        due[index]! += PUBLISHER_INTERVAL;
        room.publish(sender);
      }
    }),
  ];
};

/** A room with its readers, all parked, and its senders. */
interface Room {
  readonly readers: number;
  readonly crowd: Crowd;
  readonly senders: readonly Sender[];
  /** Sends the next message. */
  publish(sender: Sender): void;
  /** How many were sent. */
  sent(): number;
  /** How long deliveries took, since it was set. */
  latencies: Latencies;
}

function fill({ loop }: Target, size: { readers: number; senders: number }): Room {
  const sessions = signIn(loop, size.readers + size.senders);
  const readers = sessions.slice(0, size.readers);
  const sentAt: number[] = [];
  const crowd = new Crowd(loop, readers, {
    channels: [ROOM],
    onDelivery: (_, number) => room.latencies.add(performance.now() - sentAt[number]!),
  });
  const room: Room = {
    readers: size.readers,
    crowd,
    senders: sessions.slice(size.readers).map((session) => new Sender(loop, session.privateToken)),
    publish: (sender) => {
      const message = numbered(ROOM, sentAt.length);
      sentAt.push(performance.now());
      sender.send(message);
    },
    sent: () => sentAt.length,
    latencies: new Latencies(),
  };
  rest({ loop, readers: size.readers });
  return room;
}

/** One message after the other, each when all have received the last one and are parked again. */
function sendWaves({ loop, serverPid }: Target, room: Room, count: number) {
  const wave = () => {
    room.publish(room.senders[0]!);
    awaitAll(loop, room);
    rest({ loop, readers: room.readers });
  };
  for (let i = 0; i < WARM_UP; i++) wave();

  room.latencies = new Latencies();
  const closeWindow = openCpuWindow(serverPid);
  for (let i = 0; i < count; i++) wave();
  const { server } = closeWindow();

  const cpu = server * 1e6 / (count * room.readers);
  return { p50: room.latencies.quantile(0.5), p99: room.latencies.quantile(0.99), cpu };
}

/** Sends on and on, and counts what arrives; `sendDue` is called between any two receipts. */
function flood(
  { loop, serverPid }: Target,
  room: Room,
  name: "fanout-1000" | "fanout-5000",
  sendDue: () => void,
): Reading[] {
  const keepSending = (duration: number) => {
    const end = performance.now() + duration;
    while (performance.now() < end) {
      sendDue();
      loop.runFor(0.5);
    }
  };
  keepSending(FLOOD_WARM_UP);

  const { deliveries, replies } = room.crowd;
  const closeWindow = openCpuWindow(serverPid);
  keepSending(FLOOD);
  const { seconds, server, generator } = closeWindow();
  const delivered = room.crowd.deliveries - deliveries;
  const replied = room.crowd.replies - replies;
  awaitAll(loop, room);

  return [
    { figure: `${name}.deliveries`, value: delivered / seconds, generator },
    { figure: `${name}.replies`, value: replied / seconds, generator },
    { figure: `${name}.replyCpu`, value: server * 1e6 / replied },
  ];
}

function awaitAll(loop: Target["loop"], room: Room): void {
  const expected = () => room.sent() * room.readers;
  loop.runUntil(
    () => room.crowd.deliveries >= expected(),
    DRAIN_LIMIT,
    `delivering ${room.sent()} messages to ${room.readers} readers`,
  );
}

/** Time for the server to park the polls that were just sent: twice what it needs. */
function rest({ loop, readers }: { loop: Target["loop"]; readers: number }): void {
  loop.runFor(30 + readers / 25);
}
