import type { Reading } from "../metrics.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** The server under load. */
export interface Target {
  readonly loop: SocketLoop;
  readonly serverPid: number;
}

/** Generates one kind of load. Throws if a message is lost, duplicated or out of order. */
export type Scenario = (target: Target) => readonly Reading[];
