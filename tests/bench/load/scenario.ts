import type { Reading } from "../figures.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** The server under load. */
export interface Target {
  readonly loop: SocketLoop;
  readonly serverPid: number;
}

/** Puts a fresh server under one kind of load. Throws when a message is lost, doubled or out of order. */
export type Scenario = (target: Target) => readonly Reading[];
