import type { Credentials } from "../../server/core/sessions/sessions.ts";
import { DEFAULT_HOME } from "../../server/protocol/channel.ts";
import { TEXT_BYTES } from "../../server/protocol/limits.ts";
import type { Hono } from "hono";
import { parseKeySettings } from "../../server/http/auth/api_keys.ts";
import type { PushRouteSettings } from "../../server/http/push_routes.ts";
import { createApp } from "../../server/http/app.ts";
import { Metrics } from "../../server/http/metrics/metrics.ts";
import type { Limits } from "../../server/http/limits/limits.ts";
import type { Assets } from "../../server/http/assets.ts";
import type { JwtSettings } from "../../server/http/auth/jwt_settings.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { PollRequest, SendRequest } from "../../server/protocol/requests.ts";
import { TestHub, type TestHubOptions } from "./hub.ts";
import { openLimits } from "./limits.ts";

/** A signed-in user who talks to the app over HTTP. */
export interface TestUser extends Credentials {
  /** Sends a request with this user's private token; `body` is sent as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
  /** Sends a POST whose body is sent unchanged, as JSON unless `headers` say otherwise. */
  post(path: string, body: BodyInit, headers?: Record<string, string>): Promise<Response>;
  /** Sends a PUT whose body is sent unchanged. */
  put(path: string, body: Uint8Array): Promise<Response>;
  say(channel: string, text: string): Promise<Response>;
  send(message: SendRequest): Promise<Response>;
  poll(request?: PollRequest): Promise<PollReply>;
}

/** How the app differs from one with default settings, without assets, JWTs and limits. Includes options of its hub. */
export interface ChatOptions extends TestHubOptions {
  readonly assets?: Assets;
  readonly basePath?: string;
  readonly allowedOrigins?: readonly string[];
  readonly allowedHeaders?: readonly string[];
  readonly limits?: Limits;
  /** Accepts the application's tokens. */
  readonly jwt?: JwtSettings;
  /** The origins of pictures in its tokens that are shown. */
  readonly pictureOrigins?: readonly string[];
  /** What devices need for pushes; by default {@linkcode PUSH}. */
  readonly push?: PushRouteSettings | "off";
  /** Interval of poll heartbeats, in ms. */
  readonly heartbeat?: number;
  /** Why `/ready` is answered 503. */
  readonly notReadyReason?: (ignoresStore: boolean) => string | undefined;
}

/** An API key for each scope. */
export const KEYS = {
  publish: "the-key-for-publishing-",
  users: "the-key-for-signing-in-",
  read: "the-key-for-reading-----",
  admin: "the-key-for-administering",
} as const;

/** The name under which the key for publishing can publish. */
export const SUPPORT = { displayName: "Support", picture: "https://shop.example/support.png" };

export const API_KEYS = parseKeySettings(
  Object.entries(KEYS).map(([scope, key]) => `${scope}er:${scope}:${key}`).join(),
)?.map((key) => key.name === "publisher" ? { ...key, speakers: [SUPPORT] } : key) ?? [];

/** Settings that clients receive when they sign in. */
export const SETTINGS = {
  keyAge: 86_400_000,
  textBytes: TEXT_BYTES,
  editTime: 86_400_000,
  hold: 25_000,
  heartbeat: 0,
  auth: "guest",
  home: DEFAULT_HOME,
} as const;

/** How devices can be pushed to. */
export const PUSH = { publicKey: "B".padEnd(87, "A"), hosts: ["push.example:8443"] } as const;

/** The whole app without a socket, over a store in memory. */
export class Chat implements AsyncDisposable {
  readonly app: Hono;
  readonly test: TestHub;
  /** Unexpected errors, which a server would log. */
  readonly internalErrors: unknown[] = [];

  private constructor(test: TestHub, options: Omit<ChatOptions, keyof TestHubOptions>) {
    this.test = test;
    this.app = createApp({
      hub: test.hub,
      keyValue: test.store.keyValue,
      assets: options.assets ?? new Map(),
      basePath: options.basePath ?? "",
      metrics: new Metrics(),
      push: options.push === "off" ? undefined : options.push ?? PUSH,
      heartbeat: options.heartbeat ?? 0,
      limits: options.limits ?? openLimits({ LIMITS: "off" }).limits,
      notReadyReason: options.notReadyReason ?? (() => undefined),
      allowedOrigins: options.allowedOrigins ?? [],
      allowedHeaders: options.allowedHeaders ?? [],
      apiKeys: API_KEYS,
      jwt: options.jwt,
      pictureOrigins: options.pictureOrigins,
      settings: SETTINGS,
      onRefusal: () => {},
      onInternalError: (error) => this.internalErrors.push(error),
    });
  }

  static async open(options: ChatOptions = {}): Promise<Chat> {
    const {
      assets: _1,
      basePath: _9,
      allowedOrigins: _2,
      allowedHeaders: _8,
      limits: _3,
      jwt: _4,
      pictureOrigins: _10,
      heartbeat: _5,
      notReadyReason: _6,
      push: _11,
      ...hub
    } = options;
    return new Chat(await TestHub.open(hub), options);
  }

  /** The app over an existing hub. */
  static over(test: TestHub, options: Omit<ChatOptions, keyof TestHubOptions> = {}): Chat {
    return new Chat(test, options);
  }

  /** Sends a request without credentials; `body` is sent as JSON. */
  async request(method: string, path: string, body?: unknown): Promise<Response> {
    return await this.app.request(path, jsonRequest(method, body));
  }

  async signIn(displayName: string): Promise<TestUser> {
    return this.user(
      await (await this.request("POST", "/api/sessions", { displayName })).json(),
    );
  }

  /** A user who has an application's token. */
  async withToken(privateToken: string): Promise<TestUser> {
    const asking = this.app.request("/api/session", jsonRequest("GET", undefined, privateToken));
    return this.user({ ...await (await asking).json(), privateToken });
  }

  /** A user with these credentials. */
  user(signedIn: Credentials): TestUser {
    const request = async (method: string, path: string, body?: unknown) =>
      await this.app.request(path, jsonRequest(method, body, signedIn.privateToken));
    const post = async (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
      await this.app.request(path, {
        method: "POST",
        headers: { ...headersOf(true, signedIn.privateToken), ...headers },
        body,
      });
    const put = async (path: string, body: Uint8Array) =>
      await this.app.request(path, {
        method: "PUT",
        headers: headersOf(false, signedIn.privateToken),
        body: new Uint8Array(body),
      });
    const send = (message: SendRequest) => request("POST", "/api/messages", message);
    return {
      ...signedIn,
      request,
      post,
      put,
      send,
      say: (channel, text) => send({ channel, text }),
      poll: async (poll = {}) => await (await request("POST", "/api/poll", poll)).json(),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]();
  }
}

/** The status of a response, and its body parsed as JSON. */
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
