/**
 * The part of HTTP/1.1 that the load generator needs: keep-alive connections with one request at a time, and ASCII replies
 * with a `Content-Length`.
 *
 * @module
 */

import type { SocketLoop } from "./socket_loop.ts";

/** Parses the body of a reply. */
export type ReadBody<T> = (body: string) => T;

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes the requests of a connection. The head is reused while the bodies have the same length. */
export class RequestBytes {
  #bytes: Bytes = new Uint8Array(0);
  #bodyLength = -1;
  readonly #path: string;
  readonly #token: string;

  constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** Encodes a request. The bytes are overwritten by the next call. */
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
 * Parses replies, and caches the latest ones by their bytes: when a thousand readers receive the same reply, it is parsed
 * only once.
 */
export class ReplyReader<T> {
  readonly #status: number;
  readonly #readBody: ReadBody<T>;
  readonly #known: (Known<T> | undefined)[] = Array(16).fill(undefined);
  #next = 0;

  /** A reply with another status than `status` fails the measurement. */
  constructor(status: number, readBody: ReadBody<T>) {
    this.#status = status;
    this.#readBody = readBody;
  }

  /** Parses the first `length` bytes. Returns `undefined` if they are only a part of a reply. */
  read(bytes: Bytes, length: number): T | undefined {
    for (const known of this.#known) {
      if (known !== undefined && isSame(known, bytes, length)) return known.value;
    }
    const body = this.#body(decoder.decode(bytes.subarray(0, length)));
    if (body === undefined) return undefined;
    const value = this.#readBody(body);
    this.#known[this.#next] = { bytes: bytes.slice(0, length), value };
    this.#next = (this.#next + 1) % this.#known.length;
    return value;
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
    if (length === undefined) throw new Error(`Reply without content-length: ${head}`);
    if (body.length > Number(length)) {
      throw new Error(`Reply longer than its content-length: ${reply}`);
    }
    return body.length === Number(length) ? body : undefined;
  }
}

/** A keep-alive connection. */
export class Connection<T> {
  readonly #loop: SocketLoop;
  readonly #replies: ReplyReader<T>;
  readonly #onReply: (value: T) => void;
  readonly #fd: number;
  #partial: Bytes | undefined;

  constructor(loop: SocketLoop, replies: ReplyReader<T>, onReply: (value: T) => void) {
    this.#loop = loop;
    this.#replies = replies;
    this.#onReply = onReply;
    this.#fd = loop.open((bytes, length) => this.#receive(bytes, length));
  }

  send(request: Bytes): void {
    this.#loop.send(this.#fd, request);
  }

  #receive(bytes: Bytes, length: number): void {
    const all = this.#partial === undefined ? bytes : concat(this.#partial, bytes, length);
    const allLength = this.#partial === undefined ? length : all.length;
    const value = this.#replies.read(all, allLength);
    this.#partial = value === undefined ? all.slice(0, allLength) : undefined;
    if (value !== undefined) this.#onReply(value);
  }
}

/** Encodes a value as JSON. */
export function jsonBytes(value: unknown): Bytes {
  return encode(JSON.stringify(value));
}

interface Known<T> {
  readonly bytes: Bytes;
  readonly value: T;
}

/** Compares from the end, because replies differ in the body and not in the head. */
function isSame(known: Known<unknown>, bytes: Bytes, length: number): boolean {
  if (known.bytes.length !== length) return false;
  for (let i = length - 1; i >= 0; i--) {
    if (known.bytes[i] !== bytes[i]) return false;
  }
  return true;
}

function concat(first: Bytes, bytes: Bytes, length: number): Bytes {
  const all = new Uint8Array(first.length + length);
  all.set(first);
  all.set(bytes.subarray(0, length), first.length);
  return all;
}

function encode(text: string): Bytes {
  return encoder.encode(text);
}
