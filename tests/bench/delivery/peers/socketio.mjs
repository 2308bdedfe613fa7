import { Server } from "socket.io";
import { io } from "socket.io-client";
import { createPublishingServer } from "./publishing.mjs";

export function serve({ port, recovers }) {
  const server = createPublishingServer((text) => sockets.to("tea").emit("message", text));
  const sockets = new Server(server, recovers ? { connectionStateRecovery: {} } : {});
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
