import { cpuUsage } from "node:process";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { counter, gauge, type MetricSample } from "../../base/metric.ts";
import type { Hub } from "../../core/hub/hub.ts";
import type { Store } from "../../core/model/store.ts";

/** What a hub knows of the whole deployment. */
export function hubMetrics(hub: Hub): readonly MetricSample[] {
  const { sessions, presence } = hub;
  return [
    gauge("sessions", "Stored sessions, as of the last sweep", sessions.count),
    gauge("people_present", "Sessions that poll", presence.size),
    gauge("rooms_read", "Rooms with at least one reader", presence.channels),
  ];
}

/** Whether a store is available. */
export function storeMetrics(store: Store): readonly MetricSample[] {
  return [
    gauge("store_up", "1 if the store is available, otherwise 0", store.unavailableReason ? 0 : 1),
  ];
}

/** Resources that the process uses. */
export function processMetrics(): readonly MetricSample[] {
  const { rss } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  return [
    gauge("process_resident_memory_bytes", "Resident memory", rss),
    counter("process_cpu_seconds_total", "CPU time", (user + system) / 1e6),
    gauge(
      "process_start_time_seconds",
      "Start of the process as Unix time",
      performance.timeOrigin / 1_000,
    ),
  ];
}

/** How often the event loop is measured. */
const LAG_INTERVAL_MS = 100;

/** Measures ten times a second how late the event loop is, until disposed. */
export function watchEventLoop(
  onLag: (ms: number) => void,
  runtime: Runtime = SYSTEM_RUNTIME,
): Disposable {
  let due = runtime.fromNow(LAG_INTERVAL_MS);
  const timer = runtime.setInterval(() => {
    onLag(Math.max(0, runtime.msSince(due)));
    due = runtime.fromNow(LAG_INTERVAL_MS);
  }, LAG_INTERVAL_MS);
  return { [Symbol.dispose]: () => runtime.clearInterval(timer) };
}
