import { randomUUID } from "node:crypto";
import { EventSource } from "eventsource";
import { createPublishingServer } from "./publishing.mjs";

/** Number of messages that can be sent again. */
const KEPT = 1_000;

/** Server-sent events as one writes them by hand: each has an id, and a ring in memory has the last ones. */
export function serve({ port }) {
  const epoch = randomUUID();
  const ring = [];
  const responses = new Set();
  let count = 0;
  const publish = (text) => {
    const event = { n: ++count, text: `id: ${epoch}.${count}\ndata: ${text}\n\n` };
    ring.push(event);
    if (ring.length > KEPT) ring.shift();
    for (const response of responses) response.write(event.text);
  };
  const server = createPublishingServer(publish, (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(":\n\n");
    const last = request.headers["last-event-id"];
    if (last !== undefined) {
      const [itsEpoch, n] = last.split(".");
      const isKnown = itsEpoch === epoch && Number(n) + 1 >= (ring[0]?.n ?? 1);
      if (!isKnown) response.write("event: gap\ndata:\n\n");
      for (const event of ring) {
        if (itsEpoch !== epoch || event.n > Number(n)) response.write(event.text);
      }
    }
    responses.add(response);
    response.on("close", () => responses.delete(response));
  });
  server.listen(port, "127.0.0.1");
}

export function read({ url, onMessage, onInterrupted, onGap }) {
  const source = new EventSource(`${url}events`);
  source.addEventListener("message", ({ data }) => onMessage(data));
  source.addEventListener("gap", onGap);
  source.addEventListener("error", onInterrupted);
}
