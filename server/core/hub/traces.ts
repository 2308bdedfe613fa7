import type { MessageTrace, SessionTrace } from "../../protocol/admin_replies.ts";
import type { Message } from "../../protocol/message.ts";
import type { OtherWorkers, WorkerAnswers } from "../model/others.ts";
import { messageTrace, sessionTrace, type Trace } from "../polls/trace.ts";

/** The traces of all workers of a process together. */
export class Traces {
  readonly #own: Trace | undefined;
  readonly #others: OtherWorkers;

  constructor(own: Trace | undefined, others: OtherWorkers) {
    this.#own = own;
    this.#others = others;
  }

  /** What happened to a message, if there is a trace. */
  async ofMessage(message: Message): Promise<MessageTrace> {
    const others = await this.#others.ask("messageTrace", message);
    return messageTrace(message, [this.answers.messageTrace(message), ...others]);
  }

  /** The events of a session, if there is a trace. */
  async ofSession(publicToken: string): Promise<SessionTrace> {
    const others = await this.#others.ask("sessionTrace", publicToken);
    return sessionTrace(publicToken, [this.answers.sessionTrace(publicToken), ...others]);
  }

  /** What this worker tells the others. */
  get answers(): Pick<WorkerAnswers, "messageTrace" | "sessionTrace"> {
    return {
      messageTrace: (message) => this.#own?.partOfMessage(message) ?? { events: [] },
      sessionTrace: (publicToken) => this.#own?.partOfSession(publicToken) ?? { events: [] },
    };
  }
}
