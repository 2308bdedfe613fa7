/** A TCP proxy that can cut its connections after a number of bytes from clients, and then accepts no more. */
export class CuttingProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #target: number;
  #sent = 0;
  #bytesLeft = Infinity;

  /** `target`: the port of the server. */
  constructor(target: number) {
    this.#target = target;
    this.#accept();
  }

  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Number of bytes that clients have sent to the server. */
  get sent(): number {
    return this.#sent;
  }

  /** Lets this number of bytes pass, and then ends everything. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  [Symbol.dispose](): void {
    closeQuietly(this.#listener);
    for (const connection of this.#open) closeQuietly(connection);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      for (const connection of [client, server]) this.#open.add(connection);
      this.#pass(client, server, (chunk) => this.#limited(chunk));
      this.#pass(server, client, (chunk) => chunk);
    }
  }

  async #pass(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    limit: (chunk: Uint8Array) => Uint8Array,
  ): Promise<void> {
    try {
      const writer = to.writable.getWriter();
      for await (const chunk of from.readable) {
        await writer.write(limit(chunk));
        if (this.#bytesLeft <= 0) this[Symbol.dispose]();
      }
    } catch {
      // The connection was cut.
    }
    for (const connection of [from, to]) closeQuietly(connection);
  }

  #limited(chunk: Uint8Array): Uint8Array {
    const passed = chunk.subarray(0, this.#bytesLeft);
    this.#sent += passed.length;
    this.#bytesLeft -= passed.length;
    return passed;
  }
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
