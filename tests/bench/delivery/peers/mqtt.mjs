import { Aedes } from "aedes";
import mqtt from "mqtt";
import { createWebSocketStream, WebSocketServer } from "ws";
import { createPublishingServer } from "./publishing.mjs";

export async function serve({ port, qos }) {
  const broker = await Aedes.createBroker();
  const publish = (text) =>
    new Promise((resolve, reject) => {
      const packet = {
        cmd: "publish",
        topic: "tea",
        payload: text,
        qos,
        retain: false,
        dup: false,
      };
      broker.publish(packet, (error) => error ? reject(error) : resolve());
    });
  const server = createPublishingServer(publish);
  new WebSocketServer({ server }).on("connection", (socket, request) => {
    broker.handle(createWebSocketStream(socket), request);
  });
  server.listen(port, "127.0.0.1");
}

export function read({ url, reader, qos, onMessage, onInterrupted, onGap }) {
  const session = qos === 0 ? {} : { clean: false, clientId: `reader-${reader}` };
  const client = mqtt.connect(url.replace("http", "ws"), session);
  let wasConnected = false;
  client.on("connect", ({ sessionPresent }) => {
    // The broker has forgotten the session, with the messages queued for it.
    if (qos > 0 && wasConnected && !sessionPresent) onGap();
    wasConnected = true;
  });
  client.subscribe("tea", { qos });
  client.on("message", (_topic, payload) => onMessage(String(payload)));
  client.on("close", onInterrupted);
  client.on("error", () => {});
}
