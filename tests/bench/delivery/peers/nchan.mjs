import { EventSource } from "eventsource";
import { createRequire } from "node:module";

// The client is written for pages.
globalThis.window = globalThis;
globalThis.addEventListener = () => {};
globalThis.removeEventListener = () => {};
globalThis.EventSource = EventSource;
const require = createRequire(import.meta.url);
globalThis.XMLHttpRequest = require("xhr2");
const NchanSubscriber = require("nchan");

export function read({ url, transport, onMessage, onInterrupted }) {
  const subscriber = new NchanSubscriber(`${url}sub/tea`, { subscriber: transport });
  subscriber.on("message", (message) => onMessage(String(message)));
  subscriber.on("disconnect", onInterrupted);
  subscriber.on("error", onInterrupted);
  subscriber.start();
}
