import { Buffer } from "node:buffer";
import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import { ConnectionLost, type SimulatedNode } from "./node.ts";

/** How often something goes wrong with a request, from 0 to 1. */
export interface LinkFaults {
  readonly lostRequest: number;
  readonly lostReply: number;
  readonly repeatedRequest: number;
}

export const NO_FAULTS: LinkFaults = { lostRequest: 0, lostReply: 0, repeatedRequest: 0 };

/** What a program asks of the API. */
export interface ProgramRequest {
  readonly method: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
}

export interface ProgramReply {
  readonly status: number;
  readonly json: unknown;
  /** The simulated times at which its request was sent and its last byte left the node. */
  readonly sentAt: number;
  readonly repliedAt: number;
}

/** Time in ms of one way between a program and a node. */
const LATENCY = { min: 0.2, max: 40 } as const;

/** What a program does not wait longer for, in ms. */
const TIMEOUT_MS = 70_000;

/** The connections of one program to the nodes, through a balancer that takes any node. */
export class Link {
  faults: LinkFaults = NO_FAULTS;
  readonly #actor: Actor;
  readonly #nodes: readonly SimulatedNode[];
  readonly #address: string;
  readonly #random: SeededRandom;

  constructor(
    actor: Actor,
    { nodes, address, seed }: {
      readonly nodes: readonly SimulatedNode[];
      readonly address: string;
      readonly seed: number;
    },
  ) {
    this.#actor = actor;
    this.#nodes = nodes;
    this.#address = address;
    this.#random = new SeededRandom(seed, `link of ${actor.name}`);
  }

  /** Rejects if the request or its reply is lost. */
  async send(request: ProgramRequest): Promise<ProgramReply> {
    const random = this.#random;
    const { lostRequest, lostReply, repeatedRequest } = this.faults;
    const node = random.pick(this.#nodes);
    const isLost = random.next() < lostRequest;
    const isReplyLost = random.next() < lostReply;
    const isRepeated = random.next() < repeatedRequest;
    await this.#travel(`sends ${request.method} ${request.path}`);
    if (isLost || node === undefined) return await this.#lose("loses the request");
    if (isRepeated) node.handle(toRequest(request), this.#address).catch(() => {});
    const reply = await this.#answer(node, request);
    if (isReplyLost) return await this.#lose("loses the reply");
    await this.#travel(`gets ${reply.status} from ${node.name}`);
    return reply;
  }

  async #answer(node: SimulatedNode, request: ProgramRequest): Promise<ProgramReply> {
    const sentAt = this.#actor.now;
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = this.#actor.after(TIMEOUT_MS, "gives up", () => {
      controller.abort();
      reject(new ConnectionLost("no reply in time"));
    });
    try {
      const response = await Promise.race([
        node.handle(toRequest(request, controller.signal), this.#address),
        promise,
      ]);
      const text = await Promise.race([response.text(), node.ended, promise]);
      const repliedAt = this.#actor.now;
      const json = text === "" ? undefined : JSON.parse(text);
      return { status: response.status, json, sentAt, repliedAt };
    } finally {
      cancel();
    }
  }

  #travel(what: string): Promise<void> {
    return this.#actor.later(this.#random.between(LATENCY.min, LATENCY.max), what, () => {});
  }

  async #lose(what: string): Promise<never> {
    await this.#travel(what);
    throw new ConnectionLost(what);
  }
}

function toRequest(
  { method, path, token, body }: ProgramRequest,
  signal?: AbortSignal,
): Request {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Request(`http://halley.test${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(text !== undefined && {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(text)),
      }),
    },
    ...(text !== undefined && { body: text }),
    ...(signal !== undefined && { signal }),
  });
}
