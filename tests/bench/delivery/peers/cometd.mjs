import { AckExtension } from "cometd/AckExtension.js";
import { CometD } from "cometd";
import { adapt } from "cometd-nodejs-client";
import createCometD from "cometd-nodejs-server";
import createAcks from "cometd-nodejs-server/ack-extension.js";
import { createPublishingServer } from "./publishing.mjs";

export function serve({ port, acknowledges }) {
  const cometd = createCometD.createCometDServer(acknowledges ? { maxInterval: 60_000 } : {});
  if (acknowledges) cometd.addExtension(new createAcks.AcknowledgedMessagesExtension());
  const publish = (text) =>
    new Promise((resolve, reject) => {
      // Creates the channel again if it was removed while nobody had subscribed to it.
      cometd.createServerChannel("/tea").publish(null, text, (error) =>
        error ? reject(error) : resolve());
    });
  createPublishingServer(publish, cometd.handle).listen(port, "127.0.0.1");
}

export function read({ url, acknowledges, onMessage, onInterrupted, onGap }) {
  adapt({ cookies });
  const client = new CometD();
  // The server has no WebSocket.
  client.unregisterTransport("websocket");
  client.configure({ url: `${url}cometd`, logLevel: "error" });
  if (acknowledges) client.registerExtension("ack", new AckExtension());
  let wasConnected = false;
  client.addListener("/meta/connect", ({ successful }) => {
    if (!successful) onInterrupted();
  });
  client.addListener("/meta/handshake", ({ successful }) => {
    if (!successful) return;
    // A new session: what the server had queued for the old one is gone.
    if (wasConnected) onGap();
    wasConnected = true;
    client.subscribe("/tea", ({ data }) => onMessage(data));
  });
  client.handshake();
}

/** Each reader is a browser of its own. By default the adapter shares cookies between all ports of a host. */
const jars = new Map();
const cookies = {
  storeCookie({ host }, header, callback) {
    const [pair] = header.split(";");
    jars.set(host, { ...jars.get(host), [pair.split("=")[0]]: pair });
    callback();
  },
  retrieveCookies(_context, { host }, callback) {
    callback(null, Object.values(jars.get(host) ?? {}));
  },
};
