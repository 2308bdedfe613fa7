import { assert, assertEquals } from "@std/assert";
import {
  type ExitResult,
  FROM_SOURCES,
  runToEnd,
  ServerProcess,
} from "../support/server_process.ts";

/** API keys of the servers of these tests, by scope. */
export const KEYS = {
  both: "both-0123456789abcdefghij",
  publish: "publish-0123456789abcdefghij",
  read: "read-0123456789abcdefghij",
  patterns: "patterns-0123456789abcdefghij",
  admin: "admin-0123456789abcdefghij",
} as const;

/** The setting for these keys. */
export const API_KEYS = [
  `shop:publish+users+read:${KEYS.both}`,
  `till:publish:${KEYS.publish}`,
  `board:read:${KEYS.read}`,
  `inbox:read+patterns:${KEYS.patterns}`,
  `owner:admin:${KEYS.admin}`,
].join(",");

/** How to call a command. */
export interface Call {
  readonly args: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly command?: readonly string[];
  /** Its standard input; empty by default. */
  readonly input?: string;
}

/** A server with API keys, and a back end that uses it from a shell. */
export class BackEnd implements AsyncDisposable {
  readonly #server: AsyncDisposable;

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<BackEnd> {
    const all = { STORE: "memory", API_KEYS, ...settings };
    const server = await ServerProcess.start({ settings: all });
    return new BackEnd(server.url, server);
  }

  constructor(readonly url: string, server: AsyncDisposable) {
    this.#server = server;
  }

  /** Runs a command to its end. */
  run(call: Call): Promise<ExitResult> {
    return runCommand({ ...call, settings: { ...this.settings, ...call.settings } });
  }

  /** Starts a command that runs until it is stopped. */
  spawn({ settings, ...call }: Omit<Call, "input">): Promise<ServerProcess> {
    return ServerProcess.spawn({ ...call, settings: { ...this.settings, ...settings } });
  }

  /** The settings that a command needs to use this server. */
  get settings(): Record<string, string> {
    return { HALLEY_URL: this.url, HALLEY_KEY: KEYS.both };
  }

  /** Publishes a text over HTTP. Returns its id. */
  async publish(to: string, text: string): Promise<number> {
    const response = await fetch(`${this.url}/api/channels/${to}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${KEYS.publish}` },
      body: text,
    });
    assertEquals(response.status, 201);
    return (await response.json()).id;
  }

  /** Edits a message or, without a content, deletes it. */
  async change(id: number, content?: { readonly text: string }): Promise<void> {
    const response = await fetch(`${this.url}/api/messages/${id}`, {
      method: content ? "PATCH" : "DELETE",
      headers: { authorization: `Bearer ${KEYS.admin}`, "content-type": "application/json" },
      body: content ? JSON.stringify(content) : null,
    });
    await response.body?.cancel();
    assert(response.ok);
  }

  /** The messages of a channel, oldest first. */
  async history(channel: string, token: string = KEYS.read) {
    const response = await fetch(`${this.url}/api/channels/${channel}/messages`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assertEquals(response.status, 200);
    const { messages } = await response.json();
    return messages.reverse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Runs a command to its end. */
export function runCommand({ input, settings, ...call }: Call): Promise<ExitResult> {
  if (input === undefined) return runToEnd({ ...call, settings: { ...settings } });
  const command = ["sh", "-c", 'printf "%s" "$INPUT" | "$@"', "sh", ...FROM_SOURCES];
  return runToEnd({ ...call, command, settings: { ...settings, INPUT: input } });
}

/** The lines of an output. */
export function linesOf(output: string): readonly string[] {
  return output.split("\n").slice(0, -1);
}

/** The lines of an output without their times. */
export function withoutTimes(output: string): readonly string[] {
  return linesOf(output).map((line) => line.replace(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d /, ""));
}
