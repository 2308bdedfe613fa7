import type { MonotonicTime } from "../base/clock.ts";
import type { Environment } from "../base/setting_reader.ts";
import type { WorkerAnswers } from "../core/model/others.ts";
import type { Certificate } from "../http/tls/certificate.ts";
import type { WorkerReport } from "../http/metrics/worker_report.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** What a worker needs to open its node. */
export interface WorkerStart {
  /** Its number: 2 or higher, since the main isolate is worker 1. */
  readonly worker: number;
  /** The number of workers of the process. */
  readonly count: number;
  readonly settings: Environment;
  readonly certificate: Certificate | undefined;
  readonly memory: SharedMemory;
  /** A port of the store's thread; absent if the worker opens the store that is set. */
  readonly store: MessagePort | undefined;
}

/** What the main isolate can call in a worker. */
export interface WorkerFunctions extends WorkerAnswers {
  /** Opens the hub of the worker. Rejects with a `StartError`. */
  open(start: WorkerStart): Promise<void>;
  /** Accepts connections on a port that the main isolate has, too. */
  listen(port: number): void;
  report(): WorkerReport;
  /** Answers `/ready` with 503 from now on. */
  startDraining(): void;
  /** Answers all parked polls, and closes when the last responses are sent. */
  close(): Promise<void>;
}

/** How often a worker gives a sign of life, in ms. */
export const SIGN_OF_LIFE_MS = 5_000;

/** What a worker can call in the main isolate. */
export interface MainFunctions {
  monotonicNow(): MonotonicTime;
  /** Called every few seconds, as a sign of life. */
  isAlive(): void;
  /** Has the main isolate answer a request. */
  answer(request: ForwardedRequest): Promise<ForwardedResponse>;
  onStoreLost(reason: string): void;
}

/** A request without a body that the main isolate answers. */
export interface ForwardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly hostname: string;
}

export interface ForwardedResponse {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
}
