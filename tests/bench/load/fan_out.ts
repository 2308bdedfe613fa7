import { openCpuWindow } from "./cpu_window.ts";
import { Readers } from "./readers.ts";
import { Latencies } from "./latencies.ts";
import type { Reading } from "../metrics.ts";
import type { Scenario, Target } from "./scenario.ts";
import { numbered, Sender } from "./sender.ts";
import { signIn } from "./sign_in.ts";

const ROOM = "room:tea";
/** Messages sent before the measurement, while the server's code is still being compiled. */
const WARM_UP = 10;
const FLOOD_WARM_UP = 1_000;
const FLOOD = 3_000;
/** 8 publishers with a message every 80 ms are 100 messages per second. */
const PUBLISHERS = 8;
const PUBLISHER_INTERVAL = 80;
/** Maximum time (ms) until the last messages have been delivered. */
const DRAIN_TIMEOUT = 30_000;

/** Single messages to 1,000 parked readers; then one sender at full speed. */
export const fanOut1000: Scenario = (target) => {
  const room = fill(target, { readers: 1_000, senders: 1 });
  const waves = sendWaves(target, room, 60);
  return [
    { metric: "fanout-1000.p50", value: waves.p50 },
    { metric: "fanout-1000.p99", value: waves.p99 },
    { metric: "fanout-1000.cpu", value: waves.cpu },
    ...flood(target, room, "fanout-1000", () => {
      for (const sender of room.senders) if (!sender.isWaiting) room.publish(sender);
    }),
  ];
};

/** Single messages to 5,000 parked readers; then 8 senders with 100 messages per second. */
export const fanOut5000: Scenario = (target) => {
  const room = fill(target, { readers: 5_000, senders: PUBLISHERS });
  const waves = sendWaves(target, room, 15);
  const start = performance.now();
  const due = room.senders.map((_, index) => start + index * PUBLISHER_INTERVAL / PUBLISHERS);
  return [
    { metric: "fanout-5000.p50", value: waves.p50 },
    { metric: "fanout-5000.p99", value: waves.p99 },
    { metric: "fanout-5000.cpu", value: waves.cpu },
    ...flood(target, room, "fanout-5000", () => {
      for (const [index, sender] of room.senders.entries()) {
        if (sender.isWaiting || performance.now() < due[index]!) continue;
        due[index]! += PUBLISHER_INTERVAL;
        room.publish(sender);
      }
    }),
  ];
};

/** A room with its parked readers and its senders. */
interface Room {
  readonly readers: number;
  readonly group: Readers;
  readonly senders: readonly Sender[];
  /** Sends the next message. */
  publish(sender: Sender): void;
  /** The number of messages sent. */
  sent(): number;
  /** Latencies of deliveries since it was set. */
  latencies: Latencies;
}

function fill({ loop }: Target, size: { readers: number; senders: number }): Room {
  const sessions = signIn(loop, size.readers + size.senders);
  const readers = sessions.slice(0, size.readers);
  const sentAt: number[] = [];
  const group = new Readers(loop, readers, {
    channels: [ROOM],
    onDelivery: (_, number) => room.latencies.add(performance.now() - sentAt[number]!),
  });
  const room: Room = {
    readers: size.readers,
    group,
    senders: sessions.slice(size.readers).map((session) => new Sender(loop, session.privateToken)),
    publish: (sender) => {
      const message = numbered(ROOM, sentAt.length);
      sentAt.push(performance.now());
      sender.send(message);
    },
    sent: () => sentAt.length,
    latencies: new Latencies(),
  };
  waitUntilParked({ loop, readers: size.readers });
  return room;
}

/** Sends messages in sequence, each when all readers have received the last one and are parked again. */
function sendWaves({ loop, serverPid }: Target, room: Room, count: number) {
  const wave = () => {
    room.publish(room.senders[0]!);
    awaitAll(loop, room);
    waitUntilParked({ loop, readers: room.readers });
  };
  for (let i = 0; i < WARM_UP; i++) wave();

  room.latencies = new Latencies();
  const closeWindow = openCpuWindow(serverPid);
  for (let i = 0; i < count; i++) wave();
  const { server } = closeWindow();

  const cpu = server * 1e6 / (count * room.readers);
  return { p50: room.latencies.quantile(0.5), p99: room.latencies.quantile(0.99), cpu };
}

/** Sends continuously, and counts deliveries. `sendDue` is called between two receipts. */
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

  const { deliveries, replies } = room.group;
  const closeWindow = openCpuWindow(serverPid);
  keepSending(FLOOD);
  const { seconds, server, generator } = closeWindow();
  const delivered = room.group.deliveries - deliveries;
  const replied = room.group.replies - replies;
  awaitAll(loop, room);

  return [
    { metric: `${name}.deliveries`, value: delivered / seconds, generator },
    { metric: `${name}.replies`, value: replied / seconds, generator },
    { metric: `${name}.replyCpu`, value: server * 1e6 / replied },
  ];
}

function awaitAll(loop: Target["loop"], room: Room): void {
  const expected = () => room.sent() * room.readers;
  loop.runUntil(
    () => room.group.deliveries >= expected(),
    DRAIN_TIMEOUT,
    `delivering ${room.sent()} messages to ${room.readers} readers`,
  );
}

/** Waits until the server has parked the polls that were just sent: twice the time that it needs. */
function waitUntilParked({ loop, readers }: { loop: Target["loop"]; readers: number }): void {
  loop.runFor(30 + readers / 25);
}
