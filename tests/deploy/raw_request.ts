import { delay } from "../../server/base/delay.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import type { Proxied, Upstreams } from "./proxied.ts";

/** Time in ms between two characters of a slow client: less than any timeout. */
const INTERVAL = 200;

/** The text of a request in HTTP/1.1. */
export function request(method: string, path: string, body: string, user: SignedIn): string {
  return [
    `${method} ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    `authorization: Bearer ${user.privateToken}`,
    "content-type: application/json",
    `content-length: ${new TextEncoder().encode(body).length}`,
    "",
    body,
  ].join("\r\n");
}

export async function write(connection: Deno.Conn, text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
}

/** Sends `beginning`, then `more` again and again, slowly, until the other side closes the connection. */
export async function drip(connection: Deno.Conn, beginning: string, more: string): Promise<void> {
  let isOver = false;
  const over = ended(connection).finally(() => isOver = true);
  await write(connection, beginning);
  while (!isOver) {
    await delay(INTERVAL);
    await write(connection, more).catch(() => {});
  }
  await over;
}

/** Sends a request over a new connection. Returns the status line of the response, or `cut off` if there is none. */
export async function outcomeOf(
  proxied: Proxied<Upstreams>,
  text: string,
  stack: DisposableStack,
): Promise<string> {
  try {
    const connection = await proxied.connect();
    stack.defer(() => connection.close());
    await write(connection, text);
    const buffer = new Uint8Array(1_024);
    const length = await connection.read(buffer);
    const [line = ""] = new TextDecoder().decode(buffer.subarray(0, length ?? 0)).split("\r\n");
    return line === "" ? "cut off" : line;
  } catch {
    return "cut off";
  }
}

/** Waits until the other side closes the connection. */
export async function ended(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // A reset counts as closed.
  }
}
