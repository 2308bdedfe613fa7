import { createServer } from "node:http";

/**
 * Creates the HTTP server of a peer. `POST /publish` calls `publish` with the text, and answers 204 when it resolves. Other
 * requests go to `handle`.
 */
export function createPublishingServer(publish, handle = notFound) {
  return createServer(async (request, response) => {
    if (request.method !== "POST" || request.url !== "/publish") return handle(request, response);
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    await publish(text);
    response.writeHead(204).end();
  });
}

function notFound(_request, response) {
  response.writeHead(404).end();
}
