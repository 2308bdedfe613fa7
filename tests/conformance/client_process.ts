import type { Change, Message } from "../../server/protocol/message.ts";

/** A line that a client prints: docs/PROTOCOL.md describes them. */
export interface ClientLine {
  readonly type:
    | "session"
    | "message"
    | "change"
    | "sent"
    | "refused"
    | "gap"
    | "history"
    | "left_out"
    | "cursor"
    | "stopped";
  readonly message?: Message;
  readonly change?: Change;
  readonly channel?: string;
  /** Of a page of history, newest first. */
  readonly messages?: readonly Message[];
  readonly cursor?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly privateToken?: string;
  readonly publicToken?: string;
}

/** A client in a process of its own, which reads lines and prints lines. */
export class ClientProcess implements AsyncDisposable {
  readonly lines: ClientLine[] = [];
  /** The first line that is not JSON. */
  invalid: string | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #read: Promise<unknown>;
  readonly #timeoutMs: number;
  #errors = "";
  /** Defined when it has ended, and all its lines were read. */
  #status: Deno.CommandStatus | undefined;
  #grown = Promise.withResolvers<void>();

  /** `timeoutMs`: how long to wait for what it must do. */
  constructor(
    [program = "", ...words]: readonly string[],
    { args, timeoutMs }: { readonly args: readonly string[]; readonly timeoutMs: number },
  ) {
    this.#timeoutMs = timeoutMs;
    this.#child = new Deno.Command(program, {
      args: [...words, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#read = this.#readToEnd();
  }

  /** The lines of one type. */
  of(type: ClientLine["type"]): readonly ClientLine[] {
    return this.lines.filter((line) => line.type === type);
  }

  /** The texts of the messages that it has received, in order. */
  get texts(): readonly (string | undefined)[] {
    return this.of("message").map(({ message }) => message?.text);
  }

  /** Has the client send a message. */
  async send(message: { channel: string; text?: string; data?: unknown }): Promise<void> {
    await this.write(JSON.stringify(message));
  }

  /** Writes a line to its input. */
  async write(line: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const bytes = typeof line === "string" ? new TextEncoder().encode(line) : line;
    await this.#input.write(new Uint8Array([...bytes, 0x0a]));
  }

  /** Waits until the condition holds for what it has printed. Throws with `what` if it does not. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + this.#timeoutMs;
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#status !== undefined) {
        const why = this.#status ? "the client has ended" : "there was no more time";
        throw new Error(`${what}: ${why}${this.#output}`);
      }
      const { promise } = this.#grown;
      // What a proxy has seen can change without a line.
      const timer = Promise.withResolvers<void>();
      const id = setTimeout(timer.resolve, Math.min(left, 50));
      await Promise.race([promise, timer.promise]);
      clearTimeout(id);
    }
  }

  /** Waits until it has printed a line of this type. */
  async line(type: ClientLine["type"]): Promise<ClientLine> {
    await this.until(() => this.of(type).length > 0, `it prints no line of the type "${type}"`);
    const [line] = this.of(type);
    if (line === undefined) throw new Error("unreachable");
    return line;
  }

  /** Waits until it has ended by itself. Returns its exit status. */
  async ended(): Promise<number> {
    await this.until(() => this.#status !== undefined, "it does not end");
    return this.#status?.code ?? -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#input.close().catch(() => {});
    await this.#read;
  }

  get #output(): string {
    const last = this.lines.slice(-5).map((line) => `\n    ${JSON.stringify(line)}`).join("");
    const invalid = this.invalid === undefined ? "" : `\n    not JSON: ${this.invalid}`;
    return `${last}${invalid}\n    ${this.#errors.trim().split("\n").slice(-3).join("\n    ")}`;
  }

  async #readToEnd(): Promise<void> {
    await Promise.all([this.#readLines(), this.#readErrors()]);
    this.#status = await this.#child.status;
    this.#grow();
  }

  async #readLines(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
      this.#grow();
    }
  }

  #take(line: string): void {
    try {
      this.lines.push(JSON.parse(line));
    } catch {
      this.invalid ??= line;
    }
  }

  async #readErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#errors += text;
    }
  }

  #grow(): void {
    const { resolve } = this.#grown;
    this.#grown = Promise.withResolvers();
    resolve();
  }
}
