import { type ArgumentsOf, Calls, type ResultOf } from "../base/calls.ts";
import { monotonicNow } from "../base/clock.ts";
import { deadline, TimeoutError } from "../base/deadline.ts";
import type { Logger } from "../base/logger.ts";
import type { OtherWorkers, WorkerAnswers } from "../core/model/others.ts";
import type { WorkerReport } from "../http/metrics/worker_report.ts";
import {
  type ForwardedRequest,
  type ForwardedResponse,
  type MainFunctions,
  SIGN_OF_LIFE_MS,
  type WorkerFunctions,
  type WorkerStart,
} from "./worker_functions.ts";

/** How the main isolate starts its workers. */
export interface WorkerGroupOptions {
  /** The number of workers of the process, the main isolate included. */
  readonly count: number;
  /** What worker `number` needs. */
  readonly startOf: (number: number) => WorkerStart;
  readonly logger: Logger;
  /** Called if a worker has lost the store, or the store its log. */
  readonly onStoreLost: (reason: string) => void;
  /** The module of a worker, by default that of Halley. */
  readonly module?: URL;
  /** Ends the process: a worker has ended, and nothing can be done about that. */
  readonly exit?: (status: number) => void;
}

/** Answers the requests that the workers leave to the main isolate. */
export type AnswerForwarded = (request: ForwardedRequest) => Promise<ForwardedResponse>;

/** How long a worker has for an answer, in ms. */
const ANSWER_TIME = 2_000;

/** A worker counts as dead when this many signs of life are missing. */
const MAX_MISSED = 12;

/** A worker, as the main isolate sees it. */
interface Member {
  readonly number: number;
  readonly worker: Worker;
  readonly calls: Calls<WorkerFunctions>;
  readonly answers: Calls<WorkerAnswers>;
  missed: number;
  lastReport: WorkerReport | undefined;
}

/**
 * The workers 2 and higher of a process. The main isolate, which is worker 1, starts and stops them, and asks them for what
 * it tells clients about the whole process. They only serve requests; none of them is started again.
 */
export class WorkerGroup implements OtherWorkers, Disposable {
  readonly #members: readonly Member[];
  readonly #watch: ReturnType<typeof setInterval>;
  #answer: AnswerForwarded = () => Promise.reject(new Error("The server does not listen yet"));

  /** Starts the workers. Throws a `StartError` if one cannot open its node. */
  static async start(options: WorkerGroupOptions): Promise<WorkerGroup> {
    const group = new WorkerGroup(options);
    try {
      await Promise.all(group.#members.map(async ({ calls, number }) => {
        const start = options.startOf(number);
        await calls.transfer(start.store ? [start.store] : [], "open", start);
      }));
    } catch (error) {
      group[Symbol.dispose]();
      throw error;
    }
    return group;
  }

  private constructor(options: WorkerGroupOptions) {
    this.#members = Array.from(
      { length: options.count - 1 },
      (_, n) => this.#create(n + 2, options),
    );
    this.#watch = setInterval(() => this.#checkLife(options), SIGN_OF_LIFE_MS);
  }

  /** Has the workers listen on a port, and answers what they forward with `answer`. */
  async listen(port: number, answer: AnswerForwarded): Promise<void> {
    this.#answer = answer;
    await Promise.all(this.#members.map(({ calls }) => calls.call("listen", port)));
  }

  async ask<Name extends keyof WorkerAnswers>(
    name: Name,
    ...args: ArgumentsOf<WorkerAnswers[Name]>
  ): Promise<readonly ResultOf<WorkerAnswers[Name]>[]> {
    const all: ResultOf<WorkerAnswers[Name]>[] = [];
    await Promise.all(this.#members.map(async ({ answers }) => {
      const answer = await inTime(answers.call(name, ...args));
      if (answer !== undefined) all.push(answer);
    }));
    return all;
  }

  /** The metrics of all workers; of one that does not answer in time, the last ones. */
  async reports(): Promise<readonly WorkerReport[]> {
    const reports = await Promise.all(
      this.#members.map(async (member) =>
        member.lastReport = await inTime(member.calls.call("report")) ?? member.lastReport
      ),
    );
    return reports.filter((report) => report !== undefined);
  }

  async startDraining(): Promise<void> {
    await Promise.all(this.#members.map(({ calls }) => calls.call("startDraining")));
  }

  /** Has the workers answer all parked polls and close. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ calls }) => calls.call("close")));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watch);
    for (const { worker } of this.#members) worker.terminate();
  }

  #create(number: number, options: WorkerGroupOptions): Member {
    const { onStoreLost, module = MODULE } = options;
    const worker = new Worker(module, { type: "module", name: `worker ${number}` });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      onDied(number, event.message, options);
    });
    const functions: MainFunctions = {
      monotonicNow,
      isAlive: () => void (member.missed = 0),
      answer: (request) => this.#answer(request),
      onStoreLost,
    };
    const calls = new Calls<WorkerFunctions>(worker, functions);
    const member: Member = {
      number,
      worker,
      calls,
      answers: calls,
      missed: 0,
      lastReport: undefined,
    };
    return member;
  }

  /** A worker can end without an error event: with `close`, for example. */
  #checkLife(options: WorkerGroupOptions): void {
    for (const member of this.#members) {
      // Counted instead of timed, so that no worker counts as dead after the process was suspended.
      if (++member.missed === MAX_MISSED) {
        onDied(member.number, "It gives no sign of life", options);
      }
    }
  }
}

function onDied(
  died: number,
  reason: string,
  { logger, exit = Deno.exit }: WorkerGroupOptions,
): void {
  logger.write("error", "worker_died", { died, reason });
  exit(1);
}

const MODULE = new URL("./worker.ts", import.meta.url);

async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await deadline(answer, ANSWER_TIME);
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
