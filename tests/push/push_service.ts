import { assertEquals } from "@std/assert";
import type { PushSubscriptionData } from "../../server/core/sessions/push_devices.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A push that a service has got, decrypted by the device that it is for. */
export interface GotPush {
  /** The device. */
  readonly to: string;
  readonly headers: Headers;
  readonly content: Record<string, unknown>;
}

/** How the service answers a push, once it has found it valid. */
export type PushAnswer = (device: string, n: number) => Response | Promise<Response>;

interface Device {
  readonly keys: CryptoKeyPair;
  readonly p256dh: Uint8Array<ArrayBuffer>;
  readonly auth: Uint8Array<ArrayBuffer>;
  /** The server's key with which it has subscribed. */
  readonly serverKey: string;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

export const CONTACT = "mailto:chat@shop.example";

/** A push service and its browsers: checks the server's identity as RFC 8292 says, and decrypts as RFC 8291 says. */
export class PushService implements AsyncDisposable {
  readonly host: string;
  readonly got: GotPush[] = [];
  /** Pushes that the service had to refuse, and why. */
  readonly invalid: unknown[] = [];
  answer: PushAnswer = () => new Response(null, { status: 201 });
  readonly #devices = new Map<string, Device>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #end = new AbortController();

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, signal: this.#end.signal, onListen() {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
    this.host = `127.0.0.1:${this.#server.addr.port}`;
  }

  /** A device subscribes with the key of a server. */
  async subscribe(name: string, serverKey: string): Promise<PushSubscriptionData> {
    const keys = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
    const p256dh = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
    const auth = crypto.getRandomValues(new Uint8Array(16));
    this.#devices.set(name, { keys, p256dh, auth, serverKey });
    return {
      endpoint: `http://${this.host}/send/${name}`,
      keys: { p256dh: textOf(p256dh), auth: textOf(auth) },
    };
  }

  /** The pushes to a device, or to all, when there are as many. */
  async receives(count: number, device?: string): Promise<readonly GotPush[]> {
    const found = () => this.got.filter(({ to }) => device === undefined || to === device);
    await waitUntil(() => found().length >= count, `${count} pushes to ${device ?? "devices"}`);
    return found();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.finished;
    assertEquals(this.invalid, []);
  }

  async #answer(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.replace("/send/", "");
    const device = this.#devices.get(name);
    if (!device) return new Response(null, { status: 404 });
    try {
      await checkIdentity(request, device.serverKey);
      const body = new Uint8Array(await request.arrayBuffer());
      const content = JSON.parse(new TextDecoder().decode(await decrypt(body, device)));
      this.got.push({ to: name, headers: request.headers, content });
    } catch (error) {
      this.invalid.push(error);
      return new Response(null, { status: 403 });
    }
    return await this.answer(name, this.got.filter(({ to }) => to === name).length);
  }
}

/** The texts that were pushed. */
export function textsOf(pushes: readonly GotPush[]): unknown[] {
  return pushes.map(({ content }) => content.text);
}

async function checkIdentity({ url, headers }: Request, serverKey: string): Promise<void> {
  const authorization = headers.get("authorization") ?? "";
  const [, token = "", key = ""] = /^vapid t=([^,]+), k=([\w-]+)$/.exec(authorization) ?? [];
  assertEquals(key, serverKey);
  const [head = "", claims = "", signature = ""] = token.split(".");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const publicKey = await crypto.subtle.importKey("raw", bytesOf(key), algorithm, false, [
    "verify",
  ]);
  const isSigned = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    publicKey,
    bytesOf(signature),
    new TextEncoder().encode(`${head}.${claims}`),
  );
  assertEquals(isSigned, true);
  assertEquals(parse(head), { typ: "JWT", alg: "ES256" });
  const { aud, exp, sub, ...others } = parse(claims);
  assertEquals([aud, sub, others], [new URL(url).origin, CONTACT, {}]);
  const seconds = Number(exp) - Date.now() / 1_000;
  assertEquals(seconds > 0 && seconds <= 86_400, true);
}

async function decrypt(body: Uint8Array<ArrayBuffer>, device: Device): Promise<Uint8Array> {
  const salt = body.slice(0, 16);
  const [size, length] = [new DataView(body.buffer).getUint32(16), body[20] ?? 0];
  const senderKey = body.slice(21, 21 + length);
  const sealed = body.slice(21 + length);
  assertEquals([length, sealed.length <= size], [65, true]);
  const sender = await crypto.subtle.importKey("raw", senderKey, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits(
    { name: "ECDH", public: sender },
    device.keys.privateKey,
    256,
  );
  const context = [...utf8("WebPush: info\0"), ...device.p256dh, ...senderKey];
  const secret = await hkdf(new Uint8Array(shared), device.auth, new Uint8Array(context), 32);
  const key = await hkdf(secret, salt, utf8("Content-Encoding: aes128gcm\0"), 16);
  const iv = await hkdf(secret, salt, utf8("Content-Encoding: nonce\0"), 12);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const record = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, sealed));
  assertEquals(record.at(-1), 2);
  return record.slice(0, -1);
}

async function hkdf(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, length * 8));
}

function parse(part: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytesOf(part)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function textOf(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
