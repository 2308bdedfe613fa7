import type { ArgumentsOf, ResultOf } from "../../base/calls.ts";
import type { LiveTab, TraceEvent } from "../../protocol/admin_replies.ts";
import type { Message } from "../../protocol/message.ts";
import type { Topic } from "./message.ts";

/** The readers of a topic, by their public tokens: those who have a message, and those who do not. */
export interface Progress {
  readonly delivered: readonly string[];
  readonly waiting: readonly string[];
}

/** The tabs of a session that poll one worker. Times are Unix times in ms. */
export interface LocalSession {
  readonly since: number;
  readonly lastSeen: number;
  readonly tabs: readonly LiveTab[];
}

/** The events of some tabs at one worker, oldest first. */
export interface TracePart {
  readonly events: readonly TraceEvent[];
  /** Time of the oldest event that the worker remembers; absent if there is none. */
  readonly since?: number;
}

/** What each worker of a process can tell the others about its own polls. */
export interface WorkerAnswers {
  progress(topic: Topic, id: number): Progress;
  /** The sessions that poll this worker, of those with these public tokens. */
  sessions(publicTokens: readonly string[]): ReadonlyMap<string, LocalSession>;
  /** The events of the tabs that read a topic of the message. */
  messageTrace(message: Message): TracePart;
  sessionTrace(publicToken: string): TracePart;
}

/** The other workers of this process. */
export interface OtherWorkers {
  /** The answers of all that answer in time. */
  ask<Name extends keyof WorkerAnswers>(
    name: Name,
    ...args: ArgumentsOf<WorkerAnswers[Name]>
  ): Promise<readonly ResultOf<WorkerAnswers[Name]>[]>;
}

/** For a process with one worker. */
export const NO_OTHERS: OtherWorkers = { ask: () => Promise.resolve([]) };
