import { Server } from "socket.io";
import { io } from "socket.io-client";
import { createPublishingServer } from "./publishing.mjs";

export async function serve({ port, recovers, redisPort }) {
  const server = createPublishingServer((text) => sockets.to("tea").emit("message", text));
  const sockets = new Server(server, {
    ...(recovers && { connectionStateRecovery: {} }),
    ...(redisPort && { adapter: await openAdapter(redisPort) }),
  });
  sockets.on("connection", (socket) => socket.join("tea"));
  server.listen(port, "127.0.0.1");
}

export function read({ url, recovers, onMessage, onInterrupted, onGap }) {
  const socket = io(url);
  let wasConnected = false;
  socket.on("message", onMessage);
  socket.on("disconnect", onInterrupted);
  socket.on("connect", () => {
    // Without recovery, `recovered` is never true, and says nothing.
    if (recovers && wasConnected && !socket.recovered) onGap();
    wasConnected = true;
  });
}

async function openAdapter(port) {
  const { createAdapter } = await import("@socket.io/redis-streams-adapter");
  const { createClient } = await import("redis");
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  await client.connect();
  return createAdapter(client);
}
