import type { Credentials } from "../../server/core/sessions/sessions.ts";
import { DEFAULT_HOME } from "../../server/protocol/channel.ts";
import { TEXT_BYTES } from "../../server/protocol/limits.ts";
import type { Hono } from "hono";
import { parseKeySettings } from "../../server/http/auth/api_keys.ts";
import { createApp } from "../../server/http/app.ts";
import { Metrics } from "../../server/http/metrics/metrics.ts";
import type { Limits } from "../../server/http/limits/limits.ts";
import type { Assets } from "../../server/http/assets.ts";
import type { JwtSettings } from "../../server/http/auth/jwt_settings.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { PollRequest, SendRequest } from "../../server/protocol/requests.ts";
import { TestHub, type TestHubOptions } from "./hub.ts";
import { openLimits } from "./limits.ts";

/** Somebody who talks to Halley over HTTP. */
export interface Voice extends Credentials {
  /** A request with this voice's private token; `body` goes as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
  /** A POST whose body goes as it is, as JSON where `headers` does not say otherwise. */
  post(path: string, body: BodyInit, headers?: Record<string, string>): Promise<Response>;
  say(channel: string, text: string): Promise<Response>;
  send(message: SendRequest): Promise<Response>;
  poll(request?: PollRequest): Promise<PollReply>;
}

/** An API key for each scope, which is named in it. */
export const KEYS = {
  publish: "the-key-for-publishing-",
  read: "the-key-for-reading-----",
  admin: "the-key-for-administering",
} as const;

const API_KEYS = parseKeySettings(
  Object.entries(KEYS).map(([scope, key]) => `${scope}er:${scope}:${key}`).join(),
) ?? [];

/** What clients are told. */
export const SETTINGS = {
  keyAge: 86_400_000,
  textBytes: TEXT_BYTES,
  hold: 25_000,
  auth: "guest",
  home: DEFAULT_HOME,
} as const;

/** The whole app without a socket, over a store in memory. */
export class Chat implements AsyncDisposable {
  readonly app: Hono;
  readonly test: TestHub;
  /** What was no refusal and should not have happened. */
  readonly internalErrors: unknown[] = [];

  private constructor(
    test: TestHub,
    assets: Assets,
    allowedOrigins: readonly string[],
    limits: Limits,
    jwt?: JwtSettings,
    heartbeat = 0,
  ) {
    this.test = test;
    this.app = createApp({
      hub: test.hub,
      keyValue: test.store.keyValue,
      assets,
      metrics: new Metrics(),
      heartbeat,
      limits,
      unreadiness: () => undefined,
      allowedOrigins,
      apiKeys: API_KEYS,
      jwt,
      settings: SETTINGS,
      onRefusal: () => {},
      onInternalError: (error) => this.internalErrors.push(error),
    });
  }

  static async open(
    assets: Assets = new Map(),
    options: TestHubOptions = {},
    allowedOrigins: readonly string[] = [],
    limits: Limits = openLimits({ LIMITS: "off" }).limits,
  ): Promise<Chat> {
    return new Chat(await TestHub.open(options), assets, allowedOrigins, limits);
  }

  /** The app over a hub that is there, without limits. */
  static over(test: TestHub, jwt?: JwtSettings): Chat {
    return new Chat(test, new Map(), [], openLimits({ LIMITS: "off" }).limits, jwt);
  }

  /** One whose polls say so often (ms) that they wait. */
  static async beating(heartbeat: number): Promise<Chat> {
    const { limits } = openLimits({ LIMITS: "off" });
    return new Chat(await TestHub.open(), new Map(), [], limits, undefined, heartbeat);
  }

  /** One in which the tokens of an application count. */
  static async openFor(
    jwt: JwtSettings,
    options: TestHubOptions = {},
    settings: Record<string, string> = { LIMITS: "off" },
  ): Promise<Chat> {
    const { limits } = openLimits(settings);
    return new Chat(await TestHub.open(options), new Map(), [], limits, jwt);
  }

  /** A request of nobody in particular; `body` goes as JSON. */
  async request(method: string, path: string, body?: unknown): Promise<Response> {
    return await this.app.request(path, jsonRequest(method, body));
  }

  async signIn(displayName: string): Promise<Voice> {
    return this.voice(
      await (await this.request("POST", "/api/sessions", { displayName })).json(),
    );
  }

  /** Somebody who bears an application's token. */
  async bearer(privateToken: string): Promise<Voice> {
    const asking = this.app.request("/api/session", jsonRequest("GET", undefined, privateToken));
    return this.voice({ ...await (await asking).json(), privateToken });
  }

  /** Somebody who has signed in. */
  voice(signedIn: Credentials): Voice {
    const request = async (method: string, path: string, body?: unknown) =>
      await this.app.request(path, jsonRequest(method, body, signedIn.privateToken));
    const post = async (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
      await this.app.request(path, {
        method: "POST",
        headers: { ...headersOf(true, signedIn.privateToken), ...headers },
        body,
      });
    const send = (message: SendRequest) => request("POST", "/api/messages", message);
    return {
      ...signedIn,
      request,
      post,
      send,
      say: (channel, text) => send({ channel, text }),
      poll: async (poll = {}) => await (await request("POST", "/api/poll", poll)).json(),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]();
  }
}

/** The status of an answer, and what its body says. */
export async function answer(
  pending: Promise<Response>,
): Promise<{ status: number; body: unknown }> {
  const response = await pending;
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

function jsonRequest(method: string, body: unknown, token?: string): RequestInit {
  return {
    method,
    headers: headersOf(body !== undefined, token),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

function headersOf(hasBody: boolean, token?: string): Record<string, string> {
  return {
    ...(hasBody && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}
