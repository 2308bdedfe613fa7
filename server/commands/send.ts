import { InexactNumberError, parseExactJson } from "../core/model/exact_json.ts";
import { Api } from "../../client/comet/api.ts";
import { Backoff } from "../../client/comet/delays.ts";
import { isFinal } from "../../client/comet/halley_error.ts";
import { randomKey } from "../../client/comet/random_key.ts";
import { delay } from "../base/delay.ts";
import { readSettings } from "../config/setting_sources.ts";
import { type Guard, isRecord } from "../protocol/guards.ts";
import { CLIENT_WORD } from "../protocol/limits.ts";
import type { Json } from "../protocol/message.ts";
import type { Publication } from "../protocol/requests.ts";
import { parseArguments, parseWholeNumber } from "./arguments.ts";
import { type ClientSettings, explainError, readClientSettings } from "./client/client_settings.ts";
import { readStandardInput } from "./client/terminal.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

const OUTCOME_UNKNOWN_STATUS = 3;

/** `halley send` */
export const SEND: Command = {
  usage: `usage: halley send TO [TEXT] [options]

Publishes a message, and prints its id once the server has stored it. Without TEXT, or if it is -,
the text is read from the standard input.

  TO             room:<name>, everyone, session:<publicToken> or user:<your id of a user>
  --as NAME      publish under one of the key's names (PUBLISH_AS of the server)
  --title TITLE  add a title
  --data JSON    send JSON instead of a text; - reads it from the standard input
  --key KEY      idempotency key: sent again with the same key, a message is stored only once (by
                 default a random one)
  --timeout S    keep trying for S seconds (30)
  --help         print this help

HALLEY_URL (http://127.0.0.1:8000) is the address of the server, and HALLEY_KEY an API key with the
scope publish: set them in the environment or in .env.

The status is 0 if the message was sent, 1 if it was rejected, 2 if the arguments are invalid, and 3
if there was no response: then it may or may not have been sent.`,

  async run(args) {
    const options = parseSendOptions(args, { isTerminal: Deno.stdin.isTerminal() });
    const server = readClientSettings(await readSettings());
    const { to, as, title, key = randomKey(), timeout } = options;
    const body = await readBody(options.body);
    const head = { to, ...(as !== undefined && { as }), ...(title !== undefined && { title }) };
    const publication: Publication = { ...head, ...body, key };
    const ids = await publish(publication, server, timeout);
    for (const id of ids) console.log(id);
  },
};

/** The arguments of `halley send`. */
export interface SendOptions {
  readonly to: string;
  readonly as: string | undefined;
  readonly title: string | undefined;
  readonly key: string | undefined;
  readonly body: { readonly text: string } | { readonly data: string } | "stdin" | "stdin as data";
  /** In ms. */
  readonly timeout: number;
}

const OPTIONS = {
  as: { type: "string" },
  title: { type: "string" },
  data: { type: "string" },
  key: { type: "string" },
  timeout: { type: "string", default: "30" },
} as const;

/** Throws a `UsageError`. */
export function parseSendOptions(
  args: readonly string[],
  { isTerminal }: { readonly isTerminal: boolean },
): SendOptions {
  const { values, positionals: [to, text, ...others] } = parseArguments(args, OPTIONS);
  if (to === undefined) throw new UsageError("Name a recipient: TO");
  if (others.length > 0) throw new UsageError("Put the text in quotes: it is one argument");
  const { as, title, key, data } = values;
  if (key !== undefined && !CLIENT_WORD.test(key)) {
    throw new UsageError(`--key is "${key}"; allowed: 1 to 64 visible ASCII characters`);
  }
  const seconds = parseWholeNumber("timeout", values.timeout, { min: 1, max: 86_400 });
  return { to, as, title, key, body: bodyOf({ text, data, isTerminal }), timeout: seconds * 1_000 };
}

function bodyOf({ text, data, isTerminal }: {
  readonly text: string | undefined;
  readonly data: string | undefined;
  readonly isTerminal: boolean;
}): SendOptions["body"] {
  if (data !== undefined) {
    if (text !== undefined) throw new UsageError("Use either a text or --data");
    return data === "-" ? "stdin as data" : { data };
  }
  if (text !== undefined) return text === "-" ? "stdin" : { text };
  if (isTerminal) throw new UsageError("There is no text");
  return "stdin";
}

async function readBody(body: SendOptions["body"]): Promise<{ text: string } | { data: Json }> {
  if (body === "stdin") return { text: await readStandardInput() };
  if (body === "stdin as data") return { data: parseData(await readStandardInput()) };
  return "data" in body ? { data: parseData(body.data) } : body;
}

function parseData(json: string): Json {
  try {
    return parseExactJson(json);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new UsageError(`--data: ${error.message}`);
    throw new UsageError("--data is not valid JSON");
  }
}

/** The part of the response to `POST /api/publish` that is used here. */
interface Published {
  readonly messages: readonly { readonly id: number }[];
}

/**
 * Publishes, with retries under the same key, until the server responds or `timeout` ms have passed. Returns the ids of
 * the messages. Throws a `CommandError`.
 */
async function publish(
  publication: Publication,
  { url, key }: ClientSettings,
  timeout: number,
): Promise<readonly number[]> {
  const api = new Api({ url, privateToken: key });
  const request = { method: "POST", path: "api/publish", isReply: isPublished } as const;
  const signal = AbortSignal.timeout(timeout);
  const backoff = new Backoff();
  let reason: string | undefined;
  while (true) {
    try {
      const { messages } = await api.request({ ...request, body: publication, signal });
      return messages.map(({ id }) => id);
    } catch (error) {
      if (isFinal(error)) throw new CommandError(explainError(error, url));
      if (!signal.aborted) {
        if (reason === undefined) console.error(`${explainError(error, url)}. Retrying`);
        reason = explainError(error, url);
        await delay(backoff.delayAfter(error).ms, signal);
      }
      if (!signal.aborted) continue;
      throw new CommandError(
        `${reason ?? explainError(error, url)}\n` +
          `No response within ${timeout / 1_000} s: the message may or may not have been sent. ` +
          `To make sure that it is sent once, run the command again with --key ${publication.key}`,
        OUTCOME_UNKNOWN_STATUS,
      );
    }
  }
}

const isPublished: Guard<Published> = (value): value is Published =>
  isRecord(value) && Array.isArray(value.messages) &&
  value.messages.every((message) => isRecord(message) && typeof message.id === "number");
