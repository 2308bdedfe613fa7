import type { SignedIn } from "../../server/protocol/replies.ts";
import type { Proxied, Upstreams } from "./proxied.ts";

/** So long (ms) is between two characters of one who is slow: less than any time limit. */
const PAUSE = 200;

/** A request as it is on the wire. */
export function request(method: string, path: string, body: string, voice: SignedIn): string {
  return [
    `${method} ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    `authorization: Bearer ${voice.privateToken}`,
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

/** Sends a beginning, and then one character after the other, until the other side has enough of it. */
export async function drip(connection: Deno.Conn, beginning: string, more: string): Promise<void> {
  let isOver = false;
  const over = ended(connection).finally(() => isOver = true);
  await write(connection, beginning);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    await write(connection, more).catch(() => {});
  }
  await over;
}

/** Sends a request over a connection of its own, and gives the first line of what comes, or `cut off`. */
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

/** Waits until the other side has ended a connection. */
export async function ended(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // Cut off without a farewell: that is an end, too.
  }
}
