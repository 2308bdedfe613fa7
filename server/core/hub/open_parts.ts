import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { LogReader } from "../log/log_reader.ts";
import { HubEvents } from "../model/hub_events.ts";
import type { Store } from "../model/store.ts";
import { Trace } from "../polls/trace.ts";
import { Bans } from "../sessions/bans.ts";
import { WaitingRoom } from "../waiting/waiting_room.ts";
import type { HubOptions } from "./hub_options.ts";

/** What is opened asynchronously, before the hub is constructed. */
export interface OpenedParts {
  readonly runtime: Runtime;
  /** The id of the node. */
  readonly node: string;
  readonly events: HubEvents;
  readonly waiting: WaitingRoom;
  readonly reader: LogReader;
  readonly bans: Bans;
  readonly trace: Trace | undefined;
  /** Ends the recording of the trace. */
  readonly tracing: Disposable | undefined;
}

/** Opens the parts of a hub that read the store first. */
export async function openParts(store: Store, options: HubOptions): Promise<OpenedParts> {
  const { runtime = SYSTEM_RUNTIME, worker: { tabs: shared } = {} } = options;
  const events = new HubEvents();
  const waiting = new WaitingRoom(options.waiting, events, { shared, runtime });
  const reader = await LogReader.open(store.log, {
    bounds: options.window,
    runtime,
    onGrowth: (topics) => waiting.wake(topics),
  });
  const node = runtime.randomUUID();
  const bans = new Bans({ keyValue: store.keyValue, bus: store.bus, node, runtime });
  await bans.refresh();
  const trace = options.traceBytes > 0 ? new Trace(options.traceBytes, runtime) : undefined;
  // Once is enough for all workers of a process.
  const isFirst = (shared?.worker ?? 1) === 1;
  const tracing = isFirst ? await trace?.follow(store.log, reader.newest) : undefined;
  return { runtime, node, events, waiting, reader, bans, trace, tracing };
}
