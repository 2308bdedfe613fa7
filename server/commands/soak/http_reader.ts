/** A request or a reply, as it came over the wire. */
export interface HttpMessage {
  /** The first line and the headers, with the empty line that ends them. */
  readonly head: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What is read from a connection at once, at most. */
const CHUNK = 64 * 1024;

const latin1 = new TextDecoder("latin1");

/** What comes in from a connection. Knows of HTTP/1.1 where a message begins and ends, and no more. */
export class HttpReader {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(CHUNK);
  /** What has come and was not taken yet. */
  #held = new Uint8Array(0);
  #growth: Promise<boolean> | undefined;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Resolves when more has come: `true`; or nothing more will: `false`. May be asked any number of times. */
  grow(): Promise<boolean> {
    return this.#growth ??= this.#read();
  }

  /** The next whole message; `undefined` if the connection ends before. */
  async next(): Promise<HttpMessage | undefined> {
    const ending = await this.#find("\r\n\r\n");
    if (ending === undefined) return undefined;
    const head = latin1.decode(this.#take(ending + 4));
    const body = isChunked(head)
      ? await this.#nextChunked()
      : await this.#nextSized(lengthOf(head));
    return body && { head, body };
  }

  async #nextSized(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#held.length < length) {
      if (!await this.grow()) return undefined;
    }
    return this.#take(length);
  }

  /** A body in chunks (RFC 9112, 7.1), as it is. */
  async #nextChunked(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    while (true) {
      const ending = await this.#find("\r\n");
      if (ending === undefined) return undefined;
      const line = this.#take(ending + 2);
      const size = parseInt(latin1.decode(line), 16);
      const chunk = await this.#nextSized(size + 2);
      if (chunk === undefined) return undefined;
      parts.push(line, chunk);
      if (size === 0) return joined(parts);
    }
  }

  /** Where those characters begin in what has come or will come. */
  async #find(characters: string): Promise<number | undefined> {
    while (true) {
      const at = latin1.decode(this.#held).indexOf(characters);
      if (at >= 0) return at;
      if (!await this.grow()) return undefined;
    }
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async #read(): Promise<boolean> {
    try {
      const size = await this.#connection.read(this.#buffer);
      if (size === null) return false;
      this.#held = joined([this.#held, this.#buffer.subarray(0, size)]);
      this.#growth = undefined;
      return true;
    } catch {
      return false; // The other side broke the connection, or this side closed it.
    }
  }
}

/** Sends all of it. Throws if the connection is broken. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** The bytes of a message. */
export function encodeMessage({ head, body }: HttpMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + body.length);
  for (let at = 0; at < head.length; at++) bytes[at] = head.charCodeAt(at);
  bytes.set(body, head.length);
  return bytes;
}

/** The value of a header; the name in small letters. */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split("\r\n").find((line) => line.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function lengthOf(head: string): number {
  return Number(headerOf(head, "content-length") ?? 0);
}

function isChunked(head: string): boolean {
  return headerOf(head, "transfer-encoding")?.toLowerCase() === "chunked";
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
