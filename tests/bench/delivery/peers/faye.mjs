import faye from "faye";
import { createPublishingServer } from "./publishing.mjs";

export function serve({ port }) {
  const server = createPublishingServer((text) => bayeux.getClient().publish("/tea", text));
  const bayeux = new faye.NodeAdapter({ mount: "/faye", timeout: 45 });
  bayeux.attach(server);
  server.listen(port, "127.0.0.1");
}

export async function read({ url, polls, onMessage, onInterrupted }) {
  const client = new faye.Client(`${url}faye`);
  if (polls) client.disable("websocket");
  client.on("transport:down", onInterrupted);
  await client.subscribe("/tea", onMessage);
}
