import type { Hono } from "hono";
import { startIntervalJob } from "../../../server/base/interval.ts";
import { readConfig } from "../../../server/config/config.ts";
import { Leader } from "../../../server/core/cluster/leader.ts";
import { Hub } from "../../../server/core/hub/hub.ts";
import type { HubOptions } from "../../../server/core/hub/hub_options.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import type { KeyValue, MessageLog, Store } from "../../../server/core/model/store.ts";
import { createApp } from "../../../server/http/app.ts";
import type { JwtSettings } from "../../../server/http/auth/jwt_settings.ts";
import { ClientBuckets } from "../../../server/http/limits/client_buckets.ts";
import { Limits } from "../../../server/http/limits/limits.ts";
import { Metrics } from "../../../server/http/metrics/metrics.ts";
import { WEBHOOK_EVENTS } from "../../../server/webhooks/webhook_settings.ts";
import { Webhooks } from "../../../server/webhooks/webhooks.ts";
import { API_KEYS, SETTINGS } from "../../support/chat.ts";
import { HUB_OPTIONS } from "../../support/hub.ts";
import type { Receiver } from "./receiver.ts";
import type { SoleWork } from "./sole_work.ts";
import type { NodeProcess } from "./store_place.ts";

export interface WorkerOptions {
  readonly process: NodeProcess;
  readonly store: Store;
  readonly hub: Partial<HubOptions>;
  /** Interval of heartbeats in ms; 0: none. */
  readonly heartbeat: number;
  /** Called for errors that a server would log as its own. */
  readonly onError: (error: unknown) => void;
  /** How tokens of an application are accepted, whose users everyone is; absent for guests. */
  readonly jwt: JwtSettings | undefined;
  /** Who webhooks are posted to. */
  readonly receiver: Receiver | undefined;
  /** What only one node may do at a time; absent for workers that only serve requests. */
  readonly work: SoleWork | undefined;
}

const LIMITS = readConfig({ LIMITS: "off" }).limits;

/** Limits are off, so that nothing is written there: one for all nodes saves time. */
const BUCKETS = ClientBuckets.allocate(ArrayBuffer);

const SILENT = { write: () => {} };

const WEBHOOKS = {
  ...{ url: "https://shop.test/halley", secret: "", events: WEBHOOK_EVENTS },
  undeliveredAfterMs: 10_000,
} as const;

/** Interval of the sweep in ms. */
const SWEEP_MS = 10_000;

/** A worker of a process: the real core and the real HTTP app over a store, without a socket. */
export class SimulatedWorker implements AsyncDisposable {
  readonly process: NodeProcess;
  readonly app: Hono;
  readonly hub: Hub;
  readonly store: Store;
  readonly #opened: AsyncDisposableStack;
  readonly #counts: Counts;

  static async open(options: WorkerOptions): Promise<SimulatedWorker> {
    const { process, heartbeat, onError, work, receiver, jwt } = options;
    const { runtime } = process;
    const counts: Counts = { appending: 0, sweeping: 0 };
    const store = counted(options.store, counts);
    const opened = new AsyncDisposableStack();
    opened.use(store);
    const hub = opened.use(await Hub.open(store, { ...HUB_OPTIONS, ...options.hub, runtime }));
    const metrics = new Metrics(runtime);
    const onFailure = (error: unknown) => void (error instanceof Refused || onError(error));
    const sweep = async () => {
      counts.sweeping++;
      await (work ? hub.sweep() : hub.sweepWorker()).finally(() => counts.sweeping--);
    };
    startIntervalJob(sweep, { intervalMs: SWEEP_MS, onError: onFailure, runtime });
    if (work !== undefined) {
      const leader = await Leader.start({
        ...{ keyValue: store.keyValue, name: "work", node: hub.node, runtime },
        lead: () => Promise.resolve(work.begin(process)),
        onError: onFailure,
      });
      opened.use(leader);
      const erasing = await Leader.start({
        ...{ keyValue: store.keyValue, name: "erasures", node: hub.node, runtime },
        lead: () =>
          Promise.resolve(hub.erasures.startJob({ onDone: () => {}, onError: onFailure })),
        onError: onFailure,
      });
      opened.use(erasing);
    }
    if (receiver !== undefined) {
      const webhooks = await Webhooks.start({
        ...{ hub, runtime, logger: SILENT, mayLead: work !== undefined, onError: onFailure },
        store: changed(store, { keyValue: observed(store.keyValue, receiver) }),
        createPost: receiver.createPost(process),
      }, WEBHOOKS);
      opened.use(webhooks);
    }
    const app = createApp({
      ...{ hub, keyValue: store.keyValue, metrics, heartbeat, runtime },
      assets: new Map(),
      basePath: "",
      limits: new Limits(LIMITS, {
        ...{ onLimited: () => {}, onUntrusted: () => {} },
        ...{ memory: BUCKETS, runtime },
      }),
      notReadyReason: () => store.unavailableReason,
      allowedOrigins: [],
      allowedHeaders: [],
      apiKeys: API_KEYS,
      jwt,
      settings: { ...SETTINGS, heartbeat, auth: jwt === undefined ? "guest" : "jwt" },
      onRefusal: () => {},
      onInternalError: onError,
    });
    return new SimulatedWorker({ process, app, hub, store }, { opened, counts });
  }

  private constructor(
    { process, app, hub, store }: Pick<SimulatedWorker, "process" | "app" | "hub" | "store">,
    { opened, counts }: { readonly opened: AsyncDisposableStack; readonly counts: Counts },
  ) {
    this.process = process;
    this.app = app;
    this.hub = hub;
    this.store = store;
    this.#opened = opened;
    this.#counts = counts;
  }

  /** What it is doing, for the coverage of faults. */
  get phases(): string[] {
    return [
      this.#counts.sweeping > 0 ? "sweeping" : "",
      this.#counts.appending > 0 ? "appending" : "",
      this.hub.parked > 0 ? "polls parked" : "",
      this.store.unavailableReason === undefined ? "" : "store unavailable",
    ].filter((phase) => phase !== "");
  }

  /** After all polls were answered. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** What has not ended yet. */
interface Counts {
  appending: number;
  sweeping: number;
}

/** The same store, which counts the appends that have not ended. */
function counted(store: Store, counts: Counts): Store {
  const append: MessageLog["append"] = async (drafts) => {
    counts.appending++;
    try {
      return await store.log.append(drafts);
    } finally {
      counts.appending--;
    }
  };
  return changed(store, { log: changed(store.log, { append }) });
}

/** The same key-value pairs, of which the receiver is told the offset of webhooks. */
function observed(keyValue: KeyValue, receiver: Receiver): KeyValue {
  const set: KeyValue["set"] = async (name, value) => {
    await keyValue.set(name, value);
    if (name === "webhooks") receiver.onOffset(Number(value));
  };
  return changed(keyValue, { set });
}

/** The same object, in which some members are others. */
export function changed<T extends object>(object: T, members: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(name in members ? members : target, name);
      return typeof value === "function" && !(name in members) ? value.bind(target) : value;
    },
  });
}
