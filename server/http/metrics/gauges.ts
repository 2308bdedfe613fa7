import { cpuUsage } from "node:process";
import type { Hub } from "../../core/hub/hub.ts";
import type { Store } from "../../core/model/store.ts";
import type { Figure } from "./metrics.ts";

/** What a hub has to tell at the moment. */
export function figuresOfHub(hub: Hub): readonly Figure[] {
  const { sessions, audience } = hub;
  return [
    gauge("parked_polls", "Polls that are parked", hub.parked),
    gauge("window_bytes", "Size of the recent window as JSON", hub.windowBytes),
    gauge("sessions", "Sessions that are kept, as of the last sweep", sessions.count),
    gauge("people_present", "Sessions that poll", audience.presence.size),
    gauge("rooms_read", "Channels that somebody reads", audience.presence.channels),
  ];
}

/** Whether a store can be reached. */
export function figuresOfStore(store: Store): readonly Figure[] {
  return [gauge("store_up", "Whether the store can be reached", store.trouble ? 0 : 1)];
}

/** What the process takes. */
export function figuresOfProcess(): readonly Figure[] {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  return [
    gauge("process_resident_memory_bytes", "Resident memory", rss),
    gauge("heap_used_bytes", "Memory that JavaScript objects take", heapUsed),
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "CPU time",
      value: (user + system) / 1e6,
    },
    gauge(
      "process_start_time_seconds",
      "When the process started, in Unix time",
      performance.timeOrigin / 1_000,
    ),
  ];
}

function gauge(name: string, help: string, value: number): Figure {
  return { name, type: "gauge", help, value };
}
