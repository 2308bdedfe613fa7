import { cpuUsage } from "node:process";
import type { Hub } from "../../core/hub/hub.ts";
import type { Store } from "../../core/model/store.ts";
import { counter, gauge, type MetricSample } from "../../base/metric.ts";

/** The current state of a hub. */
export function hubMetrics(hub: Hub): readonly MetricSample[] {
  const { sessions, presence } = hub;
  return [
    gauge("parked_polls", "Polls that are parked", hub.parked),
    gauge("window_bytes", "Size of the recent window as JSON", hub.windowBytes),
    gauge("sessions", "Sessions that are kept, as of the last sweep", sessions.count),
    gauge("people_present", "Sessions that poll", presence.size),
    gauge("rooms_read", "Channels that somebody reads", presence.channels),
  ];
}

/** Whether a store can be reached. */
export function storeMetrics(store: Store): readonly MetricSample[] {
  return [gauge("store_up", "Whether the store can be reached", store.unavailableReason ? 0 : 1)];
}

/** Resources that the process uses. */
export function processMetrics(): readonly MetricSample[] {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  return [
    gauge("process_resident_memory_bytes", "Resident memory", rss),
    gauge("heap_used_bytes", "Memory that JavaScript objects take", heapUsed),
    counter("process_cpu_seconds_total", "CPU time", (user + system) / 1e6),
    gauge(
      "process_start_time_seconds",
      "When the process started, in Unix time",
      performance.timeOrigin / 1_000,
    ),
  ];
}
