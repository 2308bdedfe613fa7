import { type Guard, isRecord } from "../../protocol/guards.ts";
import { Api } from "../../../client/comet/api.ts";
import { Backoff, Delays } from "../../../client/comet/delays.ts";
import { isFinal } from "../../../client/comet/halley_error.ts";
import type { Publication } from "../../protocol/requests.ts";
import type { ClientSettings } from "./client_settings.ts";
import { CommandError } from "./command_error.ts";
import { explain } from "./explain.ts";

/** The answer to `POST /api/publish`, as far as it matters here. */
interface Published {
  readonly messages: readonly { readonly id: number }[];
}

const REFUSED = 1;
const NOT_KNOWN = 3;

/**
 * Publishes with the publication's key, again and again, until the server has answered or `timeout` ms are over; resolves
 * with the ids. Throws a `CommandError`.
 */
export async function publishUntilAnswered(
  publication: Publication,
  { server: { url, key }, timeout }: { readonly server: ClientSettings; readonly timeout: number },
): Promise<readonly number[]> {
  const api = new Api({ url, privateToken: key });
  const request = { method: "POST", path: "api/publish", isReply: isPublished } as const;
  const signal = AbortSignal.timeout(timeout);
  const backoff = new Backoff();
  const delays = new Delays();
  let trouble: string | undefined;
  while (true) {
    try {
      const { messages } = await api.request({ ...request, body: publication, signal });
      return messages.map(({ id }) => id);
    } catch (error) {
      if (isFinal(error)) throw new CommandError(explain(error, url), REFUSED);
      if (!signal.aborted) {
        if (trouble === undefined) console.error(`${explain(error, url)} Trying again`);
        trouble = explain(error, url);
        await delays.wait(backoff.delayAfter(error), signal);
      }
      if (signal.aborted) {
        throw new CommandError(givenUp(trouble ?? explain(error, url)), NOT_KNOWN);
      }
    }
  }

  function givenUp(reason: string): string {
    return `${reason}\nGiven up after ${
      timeout / 1_000
    } s. It is not known whether the message was sent; ` +
      `to send it once all the same, use --key ${publication.key}`;
  }
}

const isPublished: Guard<Published> = (value): value is Published =>
  isRecord(value) && Array.isArray(value.messages) &&
  value.messages.every((message) => isRecord(message) && typeof message.id === "number");
