// Makes the client library a client as docs/PROTOCOL.md describes it: lines in, lines out.
import { parseArgs } from "node:util";
import {
  CometClient,
  type CometClientOptions,
  HalleyError,
  signIn,
} from "../../client/comet/halley.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    name: { type: "string", default: "guest" },
    token: { type: "string" },
    "token-url": { type: "string" },
    channel: { type: "string", multiple: true, default: [] },
    cursor: { type: "string" },
    hold: { type: "string" },
  },
});

const print = (line: unknown) => console.log(JSON.stringify(line));

/** Signs in, with further attempts while no answer is from Halley. */
async function signInUntilAnswered(url: string, displayName: string): Promise<string> {
  while (true) {
    try {
      const { publicToken, privateToken } = await signIn({ url, displayName });
      print({ type: "session", publicToken, privateToken });
      return privateToken;
    } catch (error) {
      if (error instanceof HalleyError && error.code !== "unexpected_answer") throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function credentials(): Promise<Pick<CometClientOptions, "privateToken" | "getToken">> {
  const { "token-url": tokenUrl } = values;
  if (tokenUrl === undefined) {
    return { privateToken: token ?? await signInUntilAnswered(url, name) };
  }
  return { getToken: () => fetchToken(tokenUrl) };
}

async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`The application answered ${response.status}`);
  return text;
}

/** After a gap, what was shown is not reliable. */
async function loadAgain(channel: string): Promise<void> {
  while (true) {
    try {
      const { messages } = await client.history(channel);
      return print({ type: "history", channel, messages });
    } catch (error) {
      if (error instanceof HalleyError && error.code !== "unexpected_answer") return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

const { url, name, token, channel: channels, cursor, hold } = values;
using client = new CometClient({
  url,
  ...await credentials(),
  channels,
  ...(cursor !== undefined && { cursor }),
  ...(hold !== undefined && { hold: Number(hold) }),
});
client.on("message", (message) => print({ type: "message", message }));
client.on("change", (change) => print({ type: "change", change }));
client.on("gap", () => {
  print({ type: "gap" });
  for (const channel of channels) loadAgain(channel);
});
client.on("refused", ({ channel, code }) => {
  if (code !== "too_many_rooms") print({ type: "left_out", channel, code });
});
client.on("cursor", (cursor) => print({ type: "cursor", cursor }));
client.on("state", (state) => {
  if (state.name !== "stopped") return;
  print({ type: "stopped", reason: state.reason });
  Deno.exit(0);
});
client.startWaiting();

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    try {
      print({ type: "sent", message: await client.send(JSON.parse(line)) });
    } catch (error) {
      if (!(error instanceof HalleyError)) throw error;
      print({ type: "refused", code: error.code });
    }
  }
}
