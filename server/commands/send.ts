import { randomKey } from "../../client/comet/random_key.ts";
import type { Json } from "../protocol/message.ts";
import type { Publication } from "../protocol/requests.ts";
import { readClientSettings } from "./client/client_settings.ts";
import { UsageError } from "./client/command_error.ts";
import { publishUntilAnswered } from "./client/publish_until_answered.ts";
import { readStandardInput } from "./client/standard_input.ts";
import { readWholeNumber, readWords } from "./client/words.ts";

/** How one sends from a shell. */
export const SEND_USAGE = `usage: halley send TO [TEXT] [options]

Publishes a message, and prints its id when the server has it for good. Without a TEXT, and
where it is -, the standard input is the text.

  TO             room:<name>, everyone, session:<publicToken> or user:<id of your own>
  --title TITLE  a title
  --data JSON    sends JSON in the place of a text; - reads it from the standard input
  --key KEY      sent again with the same key, a message counts once (a random one)
  --timeout S    try for so many seconds (30)
  --help         print this

HALLEY_URL (http://127.0.0.1:8000) says where the server is, and HALLEY_KEY holds an API key with
the scope publish: in the environment or in .env.

The status is 0 if the message was sent, 1 if it was refused, 2 if the call was wrong, and 3 if
there was no answer: then it is not known whether it was sent.`;

/** What is to be sent, before the standard input is read. */
export interface Sending {
  readonly to: string;
  readonly title: string | undefined;
  readonly key: string | undefined;
  readonly body: { readonly text: string } | { readonly data: string } | "stdin" | "stdin as data";
  /** How long to try, in ms. */
  readonly timeout: number;
}

const OPTIONS = {
  title: { type: "string" },
  data: { type: "string" },
  key: { type: "string" },
  timeout: { type: "string", default: "30" },
} as const;

/** Sends a message; returns the exit status. */
export async function send(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const sending = parseSending(args, { isTerminal: Deno.stdin.isTerminal() });
  const server = readClientSettings(settings);
  const { to, title, key = randomKey(), timeout } = sending;
  const body = await readBody(sending.body);
  const publication: Publication = { to, ...(title !== undefined && { title }), ...body, key };
  const ids = await publishUntilAnswered(publication, { server, timeout });
  for (const id of ids) console.log(id);
  return 0;
}

/** Reads the words behind `halley send`. Throws a `UsageError`. */
export function parseSending(
  args: readonly string[],
  { isTerminal }: { readonly isTerminal: boolean },
): Sending {
  const { values, positionals: [to, text, ...others] } = readWords(args, OPTIONS);
  if (to === undefined) throw new UsageError("It is not said to whom to send");
  if (others.length > 0) throw new UsageError("The text is one argument: put it in quotes");
  const { title, key, data } = values;
  if (key !== undefined && !/^[\x21-\x7e]{1,64}$/.test(key)) {
    throw new UsageError(`--key is "${key}"; allowed: 1 to 64 visible ASCII characters`);
  }
  const seconds = readWholeNumber("timeout", values.timeout, { least: 1, most: 86_400 });
  return { to, title, key, body: bodyOf({ text, data, isTerminal }), timeout: seconds * 1_000 };
}

function bodyOf({ text, data, isTerminal }: {
  readonly text: string | undefined;
  readonly data: string | undefined;
  readonly isTerminal: boolean;
}): Sending["body"] {
  if (data !== undefined) {
    if (text !== undefined) throw new UsageError("A message has either a text or --data");
    return data === "-" ? "stdin as data" : { data };
  }
  if (text !== undefined) return text === "-" ? "stdin" : { text };
  if (isTerminal) throw new UsageError("There is no text");
  return "stdin";
}

async function readBody(body: Sending["body"]): Promise<{ text: string } | { data: Json }> {
  if (body === "stdin") return { text: await readStandardInput() };
  if (body === "stdin as data") return { data: parseData(await readStandardInput()) };
  return "data" in body ? { data: parseData(body.data) } : body;
}

function parseData(json: string): Json {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError("--data is no JSON");
  }
}
