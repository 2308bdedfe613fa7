import type { SendRequest } from "../../../server/protocol/requests.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** Length of the text of each message. */
const TEXT_LENGTH = 64;

/** Sends messages, each after the last one was acknowledged. */
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

  /** Whether the last message has not been acknowledged yet. */
  get isWaiting(): boolean {
    return this.#waiting;
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#waiting = true;
    this.#connection.send(this.#request.with(message));
  }
}

/** Encodes a message that contains a number, which {@linkcode numberIn} reads. */
export function numbered(channel: string, number: number): Uint8Array<ArrayBuffer> {
  const text = `${number} `.padEnd(TEXT_LENGTH, "0123456789");
  return jsonBytes({ channel, text } satisfies SendRequest);
}

/** The number in the text of a message that {@linkcode numbered} encoded. */
export function numberIn(text: string | undefined): number {
  return parseInt(text ?? "");
}
