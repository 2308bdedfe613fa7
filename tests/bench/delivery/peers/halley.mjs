import { CometClient, signIn } from "./halley.js";

export async function read({ url, reader, onMessage, onInterrupted, onGap }) {
  const { privateToken } = await signIn({ url, displayName: `reader ${reader}` });
  const client = new CometClient({ url, privateToken, channels: ["room:tea"] });
  client.on("message", ({ text }) => onMessage(text));
  client.on("gap", onGap);
  client.on("state", ({ name }) => {
    if (name === "waiting" || name === "offline" || name === "stopped") onInterrupted();
  });
  client.startWaiting();
}
