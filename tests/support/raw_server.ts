/** A response as received from the socket. */
export interface RawResponse {
  readonly status: number;
  readonly text: string;
}

/** A server that receives requests byte by byte, however malformed. */
export class RawServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(server: Deno.HttpServer<Deno.NetAddr>) {
    this.#server = server;
  }

  static open(answer: (request: Request) => Response | Promise<Response>): RawServer {
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    return new RawServer(Deno.serve(options, (request) => answer(request)));
  }

  /** Sends a request with these header lines and this body. */
  async send(head: readonly string[], body = ""): Promise<RawResponse> {
    using socket = await Deno.connect({ port: this.#server.addr.port });
    const request = [...head, "connection: close", "", body].join("\r\n");
    const writing = writeAll(socket, new TextEncoder().encode(request));
    const text = await readAll(socket);
    await writing;
    return { status: Number(text.split(" ")[1]), text };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

async function writeAll(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  } catch {
    // The server can refuse a request before it has read all of it.
  }
}

async function readAll(socket: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let size = await socket.read(buffer); size !== null; size = await socket.read(buffer)) {
      text += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  } catch {
    // The server can close the connection once it has answered.
  }
  return text;
}
