import { isMessage } from "../../server/protocol/guards.ts";
import type { Api } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { askedPause, isFinal } from "./halley_error.ts";
import type { Pauses } from "./poll_delays.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { SendRequest } from "../../server/protocol/requests.ts";

/** What a send needs beside the message. */
export interface SendingOptions {
  readonly api: Api;
  readonly pauses: Pauses;
  readonly signal: AbortSignal;
}

/**
 * Sends the same request, with the same key, until the server has answered: the message counts once. Throws on a final
 * refusal, and when it is aborted.
 */
export async function sendUntilAnswered(
  body: SendRequest,
  { api, pauses, signal }: SendingOptions,
): Promise<Message> {
  const backoff = new Backoff();
  while (true) {
    try {
      const path = "api/messages";
      return await api.ask({ method: "POST", path, body, isAnswer: isMessage, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      const asked = askedPause(error);
      await pauses.pause(asked + backoff.next(), { signal, asked: asked > 0 });
      signal.throwIfAborted();
    }
  }
}
