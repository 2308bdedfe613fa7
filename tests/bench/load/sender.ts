import type { SendRequest } from "../../../server/protocol/requests.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** How long every message's text is. */
const TEXT_LENGTH = 64;

/** One who sends messages, the next one when the last is acknowledged. */
export class Sender {
  readonly #connection: Connection<true>;
  readonly #request: RequestBytes;
  #waiting = false;

  constructor(loop: SocketLoop, token: string, onAcknowledged: () => void = () => {}) {
    this.#request = new RequestBytes("/api/messages", token);
    this.#connection = new Connection(loop, new ReplyReader(201, () => true), () => {
      this.#waiting = false;
      onAcknowledged();
    });
  }

  /** Whether the last message is not acknowledged yet. */
  get isWaiting(): boolean {
    return this.#waiting;
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#waiting = true;
    this.#connection.send(this.#request.with(message));
  }
}

/** A message that carries a number, by which {@linkcode numberIn} knows it again. */
export function numbered(channel: string, number: number): Uint8Array<ArrayBuffer> {
  const text = `${number} `.padEnd(TEXT_LENGTH, "0123456789");
  return jsonBytes({ channel, text } satisfies SendRequest);
}

/** The number of a message that {@linkcode numbered} made. */
export function numberIn(text: string | undefined): number {
  return parseInt(text ?? "");
}
