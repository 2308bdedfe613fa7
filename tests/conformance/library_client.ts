// Makes the client library a client as docs/PROTOCOL.md describes it: lines in, lines out.
import { parseArgs } from "node:util";
import { CometClient, HalleyError, signIn } from "../../client/comet/halley.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    name: { type: "string", default: "guest" },
    token: { type: "string" },
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

const { url, name, token, channel: channels, cursor, hold } = values;
using client = new CometClient({
  url,
  privateToken: token ?? await signInUntilAnswered(url, name),
  channels,
  ...(cursor !== undefined && { cursor }),
  ...(hold !== undefined && { hold: Number(hold) }),
});
client.on("message", (message) => print({ type: "message", message }));
client.on("change", (change) => print({ type: "change", change }));
client.on("gap", () => print({ type: "gap" }));
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
