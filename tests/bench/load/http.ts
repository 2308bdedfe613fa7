/**
 * As much HTTP/1.1 as the load needs: one request at a time on a connection that is kept, and ASCII replies with a `Content-Length`.
 *
 * @module
 */

import type { SocketLoop } from "./socket_loop.ts";

/** Makes of a reply's body what its reader wants to know. */
export type ReadBody<T> = (body: string) => T;

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a connection's requests. The head is made once, as long as the bodies keep their length. */
export class RequestBytes {
  #bytes: Bytes = new Uint8Array(0);
  #bodyLength = -1;
  readonly #path: string;
  readonly #token: string;

  constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** The request with this body; the bytes are overwritten by the next call. */
  with(body: Bytes): Bytes {
    if (body.length !== this.#bodyLength) {
      this.#bodyLength = body.length;
      this.#bytes = encode(this.#head(body.length) + " ".repeat(body.length));
    }
    this.#bytes.set(body, this.#bytes.length - body.length);
    return this.#bytes;
  }

  #head(length: number): string {
    return `POST ${this.#path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${this.#token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  }
}

/**
 * Understands replies, and remembers the latest ones by their bytes: of a thousand readers who are told the same, only
 * the first has its reply parsed.
 */
export class ReplyReader<T> {
  readonly #status: number;
  readonly #readBody: ReadBody<T>;
  readonly #known: (Known<T> | undefined)[] = Array(16).fill(undefined);
  #next = 0;

  /** Every reply must have the status `status`: any other ends the measurement. */
  constructor(status: number, readBody: ReadBody<T>) {
    this.#status = status;
    this.#readBody = readBody;
  }

  /** What the first `length` bytes say; undefined when they are only a part of a reply. */
  read(bytes: Bytes, length: number): T | undefined {
    for (const known of this.#known) {
      if (known !== undefined && isSame(known, bytes, length)) return known.meaning;
    }
    const body = this.#body(decoder.decode(bytes.subarray(0, length)));
    if (body === undefined) return undefined;
    const meaning = this.#readBody(body);
    this.#known[this.#next] = { bytes: bytes.slice(0, length), meaning };
    this.#next = (this.#next + 1) % this.#known.length;
    return meaning;
  }

  #body(reply: string): string | undefined {
    const end = reply.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = reply.slice(0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const body = reply.slice(end + 4);
    if (!head.startsWith(`HTTP/1.1 ${this.#status} `)) {
      throw new Error(`Unexpected reply: ${reply}`);
    }
    if (length === undefined) throw new Error(`A reply without a length: ${head}`);
    if (body.length > Number(length)) throw new Error(`More than a reply: ${reply}`);
    return body.length === Number(length) ? body : undefined;
  }
}

/** One kept connection. */
export class Connection<T> {
  readonly #loop: SocketLoop;
  readonly #replies: ReplyReader<T>;
  readonly #onReply: (meaning: T) => void;
  readonly #fd: number;
  #partial: Bytes | undefined;

  constructor(loop: SocketLoop, replies: ReplyReader<T>, onReply: (meaning: T) => void) {
    this.#loop = loop;
    this.#replies = replies;
    this.#onReply = onReply;
    this.#fd = loop.open((bytes, length) => this.#receive(bytes, length));
  }

  send(request: Bytes): void {
    this.#loop.send(this.#fd, request);
  }

  #receive(bytes: Bytes, length: number): void {
    const all = this.#partial === undefined ? bytes : joined(this.#partial, bytes, length);
    const allLength = this.#partial === undefined ? length : all.length;
    const meaning = this.#replies.read(all, allLength);
    this.#partial = meaning === undefined ? all.slice(0, allLength) : undefined;
    if (meaning !== undefined) this.#onReply(meaning);
  }
}

/** A value as the bytes of its JSON. */
export function jsonBytes(value: unknown): Bytes {
  return encode(JSON.stringify(value));
}

interface Known<T> {
  readonly bytes: Bytes;
  readonly meaning: T;
}

/** Compares from the end: there, and not in the head, lies what tells two replies apart. */
function isSame(known: Known<unknown>, bytes: Bytes, length: number): boolean {
  if (known.bytes.length !== length) return false;
  for (let i = length - 1; i >= 0; i--) {
    if (known.bytes[i] !== bytes[i]) return false;
  }
  return true;
}

function joined(first: Bytes, bytes: Bytes, length: number): Bytes {
  const all = new Uint8Array(first.length + length);
  all.set(first);
  all.set(bytes.subarray(0, length), first.length);
  return all;
}

function encode(text: string): Bytes {
  return encoder.encode(text);
}
