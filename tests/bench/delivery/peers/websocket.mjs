import ReconnectingWebSocket from "reconnecting-websocket";
import { WebSocket, WebSocketServer } from "ws";
import { createPublishingServer } from "./publishing.mjs";

export function serve({ port }) {
  const server = createPublishingServer((text) => {
    for (const socket of sockets.clients) socket.send(text);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => socket.on("error", () => {}));
  server.listen(port, "127.0.0.1");
}

export function read({ url, onMessage, onInterrupted }) {
  const address = url.replace("http", "ws");
  const socket = new (ReconnectingWebSocket.default ?? ReconnectingWebSocket)(address, [], {
    WebSocket,
  });
  socket.addEventListener("message", ({ data }) => onMessage(String(data)));
  socket.addEventListener("close", onInterrupted);
}
