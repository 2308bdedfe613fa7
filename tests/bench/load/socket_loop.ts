/**
 * TCP connections with libc and epoll, in a synchronous event loop.
 *
 * The load generator shares two cores with the server that it measures. With `Deno.connect` it would use 13 to 24 µs of CPU
 * per reply, increasing with the number of connections, and would saturate before the server. This uses 8 to 10 µs, for any
 * number of connections. Events are handled only within {@linkcode SocketLoop.runUntil}.
 *
 * @module
 */

/** Called with the bytes that a connection has received: the first `length` of `bytes`, which are overwritten later. */
export type OnBytes = (bytes: Uint8Array<ArrayBuffer>, length: number) => void;

const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0o2000001;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EVENTS = 512;
/** `struct epoll_event` is packed only on x86-64. */
const EVENT = Deno.build.arch === "x86_64" ? { size: 12, fd: 4 } : { size: 16, fd: 8 };
/** Larger than any reply, so that one call receives everything that has arrived. */
const RECEIVE_BYTES = 512 * 1024;

const LIBC = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The connections of one generator to one port of this machine. */
export class SocketLoop implements Disposable {
  readonly #libc = Deno.dlopen("libc.so.6", LIBC);
  readonly #epoll = this.#libc.symbols.epoll_create1(0);
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #listeners = new Map<number, OnBytes>();
  readonly #events = new Uint8Array(EVENTS * EVENT.size);
  readonly #eventView = new DataView(this.#events.buffer);
  readonly #received = new Uint8Array(RECEIVE_BYTES);

  constructor(port: number) {
    this.#address = new Uint8Array([
      AF_INET,
      0,
      port >> 8,
      port & 255,
      127,
      0,
      0,
      1,
      ...Array(8).fill(0),
    ]);
  }

  /** Opens a connection, and returns its file descriptor. Waits while the server's backlog is full. */
  open(onBytes: OnBytes): number {
    const fd = this.#libc.symbols.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
    if (fd < 0) throw new Error("Cannot create a socket: too many open files");
    if (this.#libc.symbols.connect(fd, this.#address, this.#address.length) !== 0) {
      throw new Error("Cannot connect to the server");
    }
    const event = new Uint8Array(EVENT.size);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setUint32(EVENT.fd, fd, true);
    if (this.#libc.symbols.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event) !== 0) {
      throw new Error("Cannot watch a socket");
    }
    this.#listeners.set(fd, onBytes);
    return fd;
  }

  /** Sends a request, which must fit into the send buffer. */
  send(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
    const size = BigInt(bytes.length);
    const sent = this.#libc.symbols.send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent !== bytes.length) {
      throw new Error("Cannot send a request: the connection is closed or its buffer is full");
    }
  }

  /** Receives until `isDone`. Throws after `timeoutMs`, with `activity` in the message. */
  runUntil(isDone: () => boolean, timeoutMs: number, activity: string): void {
    const end = performance.now() + timeoutMs;
    while (!isDone()) {
      if (performance.now() > end) throw new Error(`Timed out after ${timeoutMs} ms: ${activity}`);
      this.#turn(1);
    }
  }

  /** Receives for `duration` ms. */
  runFor(duration: number): void {
    const end = performance.now() + duration;
    while (performance.now() < end) this.#turn(1);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#listeners.keys()) this.#libc.symbols.close(fd);
    this.#libc.symbols.close(this.#epoll);
    this.#libc.close();
  }

  #turn(timeout: number): void {
    const count = this.#libc.symbols.epoll_wait(this.#epoll, this.#events, EVENTS, timeout);
    for (let i = 0; i < count; i++) {
      this.#receive(this.#eventView.getUint32(i * EVENT.size + EVENT.fd, true));
    }
  }

  #receive(fd: number): void {
    const size = BigInt(RECEIVE_BYTES);
    const length = this.#libc.symbols.recv(fd, this.#received, size, MSG_DONTWAIT);
    if (length <= 0) throw new Error("The server closed a connection");
    this.#listeners.get(fd)?.(this.#received, length);
  }
}
