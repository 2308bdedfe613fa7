import type { Person } from "../../protocol/message.ts";
import type { Signal } from "../../protocol/signal.ts";

/** Why a session has ended: it asked for it, or an operator did. */
export type EndReason = "signed_out" | "kicked";

/** Where one session is present by the polls of one node. */
export interface NodePresence {
  readonly person: Person;
  /** Whatever it reads. */
  readonly state: "active" | "background" | "offline";
  /** The channels in which it is active, and those in which it is in the background. */
  readonly active: readonly string[];
  readonly background: readonly string[];
}

/** What a node tells the others. `node` names it: a random word for each life of a process. */
export type NodeEvent =
  | { readonly type: "signal"; readonly signal: Signal }
  | {
    /** A tab polls here that did not a moment ago: where it is parked with a lower turn, that poll is superseded. */
    readonly type: "arrival";
    readonly node: string;
    readonly owner: string;
    readonly tab: string;
    readonly turn: number;
  }
  | {
    /** What has become of some sessions here. It holds for `length` ms, unless it is told again. */
    readonly type: "presence";
    readonly node: string;
    readonly length: number;
    readonly presences: readonly NodePresence[];
  }
  /** There is something new in the queue of tasks. */
  | { readonly type: "tasks" }
  /** A node has come, and knows nobody yet. */
  | { readonly type: "hello"; readonly node: string }
  | {
    readonly type: "ended";
    readonly node: string;
    readonly publicToken: string;
    readonly reason: EndReason;
  }
  /** What the store has of a session has changed, such as its name. */
  | { readonly type: "changed"; readonly node: string; readonly publicToken: string };
