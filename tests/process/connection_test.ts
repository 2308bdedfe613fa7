import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import { ServerProcess } from "../support/server_process.ts";
import { connectTo, write } from "./raw_connection.ts";

/** In ms: long enough for the server to read the head of a request before its body arrives. */
const BETWEEN_PACKETS = 100;

const BODY = JSON.stringify({ displayName: "alice" });
const HEAD = [
  "POST /api/sessions HTTP/1.1",
  "host: 127.0.0.1",
  "content-type: application/json",
  `content-length: ${BODY.length}`,
  "",
  "",
].join("\r\n");

Deno.test("[N9] a connection stays open when head and body of a request arrive in separate packets", async () => {
  await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
  using socket = await connectTo(halley.url);
  socket.setNoDelay();

  const replies = [await postInTwoPackets(socket), await postInTwoPackets(socket)];

  for (const reply of replies) {
    assertMatch(reply, /^HTTP\/1\.1 201 /);
    assertEquals(/^connection: *close/im.test(reply), false, reply);
  }
});

async function postInTwoPackets(socket: Deno.TcpConn): Promise<string> {
  await write(socket, HEAD);
  await delay(BETWEEN_PACKETS);
  await write(socket, BODY);
  const buffer = new Uint8Array(65_536);
  const size = await socket.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, size));
}
