/** An HTTP/1.1 request or response, as it was sent. */
export interface HttpMessage {
  /** The first line and the headers, with the empty line that ends them. */
  readonly head: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Maximum number of bytes to read at once. */
const CHUNK_BYTES = 64 * 1024;

const latin1 = new TextDecoder("latin1");

/** Reads HTTP messages from a connection. It knows only where a message starts and ends. */
export class HttpMessageReader {
  readonly #connection: Deno.Conn;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  /** Bytes that have arrived and do not belong to a returned message. */
  #buffered = new Uint8Array(0);
  #reading: Promise<boolean> | undefined;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Resolves with true when more bytes have arrived, and with false when the connection has ended. */
  readMore(): Promise<boolean> {
    return this.#reading ??= this.#read();
  }

  /** Reads the next complete message. Returns `undefined` if the connection ends before. */
  async next(): Promise<HttpMessage | undefined> {
    const end = await this.#find("\r\n\r\n");
    if (end === undefined) return undefined;
    const head = latin1.decode(this.#take(end + 4));
    const body = isChunked(head)
      ? await this.#readChunkedBody()
      : await this.#readBytes(contentLength(head));
    return body && { head, body };
  }

  async #readBytes(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#buffered.length < length) {
      if (!await this.readMore()) return undefined;
    }
    return this.#take(length);
  }

  /** Reads a chunked body (RFC 9112, 7.1) without decoding it. */
  async #readChunkedBody(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    while (true) {
      const end = await this.#find("\r\n");
      if (end === undefined) return undefined;
      const line = this.#take(end + 2);
      const size = parseInt(latin1.decode(line), 16);
      const chunk = await this.#readBytes(size + 2);
      if (chunk === undefined) return undefined;
      parts.push(line, chunk);
      if (size === 0) return concat(parts);
    }
  }

  /** Returns the index of a string in the bytes that have arrived or will arrive. */
  async #find(text: string): Promise<number | undefined> {
    while (true) {
      const index = latin1.decode(this.#buffered).indexOf(text);
      if (index >= 0) return index;
      if (!await this.readMore()) return undefined;
    }
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }

  async #read(): Promise<boolean> {
    try {
      const size = await this.#connection.read(this.#chunk);
      if (size === null) return false;
      this.#buffered = concat([this.#buffered, this.#chunk.subarray(0, size)]);
      this.#reading = undefined;
      return true;
    } catch {
      return false; // The connection was reset by the other side, or closed by this side.
    }
  }
}

/** Writes all bytes. Throws if the connection is broken. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Encodes a message as bytes. */
export function encodeMessage({ head, body }: HttpMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + body.length);
  for (let at = 0; at < head.length; at++) bytes[at] = head.charCodeAt(at);
  bytes.set(body, head.length);
  return bytes;
}

/** Returns the value of a header. `name` is in lower case. */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split("\r\n").find((line) => line.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function contentLength(head: string): number {
  return Number(headerOf(head, "content-length") ?? 0);
}

function isChunked(head: string): boolean {
  return headerOf(head, "transfer-encoding")?.toLowerCase() === "chunked";
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
