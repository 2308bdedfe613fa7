import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * While it is not disposed, every use of the real clock, the real timers and the real random source throws, and is
 * remembered: a simulation that used them would not be the same again. `new Date(time)` stays. Signatures of tokens (HS256)
 * are verified without a thread.
 */
export class TrappedGlobals implements Disposable {
  readonly #used: Error[] = [];
  readonly #restore: (() => void)[] = [];

  constructor() {
    const trap = (target: object, name: string, label: string) =>
      this.#replace(target, name, () => this.#fail(label));
    this.#replace(globalThis, "Date", this.#trappedDate());
    trap(performance, "now", "performance.now()");
    trap(globalThis, "setTimeout", "setTimeout()");
    trap(globalThis, "setInterval", "setInterval()");
    trap(globalThis, "fetch", "fetch()");
    trap(Math, "random", "Math.random()");
    trap(crypto, "getRandomValues", "crypto.getRandomValues()");
    trap(crypto, "randomUUID", "crypto.randomUUID()");
    trap(crypto.subtle, "digest", "crypto.subtle.digest()");
    trap(crypto.subtle, "sign", "crypto.subtle.sign()");
    this.#replace(crypto.subtle, "importKey", importHmacKey);
    this.#replace(crypto.subtle, "verify", verifyHmac);
    trap(AbortSignal, "timeout", "AbortSignal.timeout()");
  }

  /** Throws the first use, also if whoever used it has caught the error. */
  assertUnused(): void {
    const [first] = this.#used;
    if (first) throw first;
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore.reverse()) restore();
    this.#restore.length = 0;
  }

  #fail(label: string): never {
    const error = new Error(
      `${label} is used in a simulation: use the runtime of the server, or the platform of the client`,
    );
    this.#used.push(error);
    throw error;
  }

  #trappedDate(): DateConstructor {
    return new Proxy(Date, {
      construct: (target, values, newTarget) =>
        values.length === 0
          ? this.#fail("new Date()")
          : Reflect.construct(target, values, newTarget),
      apply: () => this.#fail("Date()"),
      get: (target, name) =>
        name === "now" ? () => this.#fail("Date.now()") : Reflect.get(target, name),
    });
  }

  #replace(target: object, name: string, value: unknown): void {
    const original = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this.#restore.push(() => {
      if (original) Object.defineProperty(target, name, original);
      else Reflect.deleteProperty(target, name);
    });
  }
}

/** A key as `crypto.subtle.importKey` returns it, with its bytes. */
interface HmacKey {
  readonly secret: Uint8Array;
}

function importHmacKey(_format: string, secret: Uint8Array, { name, hash }: HmacParams) {
  if (name !== "HMAC") throw new Error(`crypto.subtle has only HMAC in a simulation, not ${name}`);
  return Promise.resolve({ secret, algorithm: { name, hash: { name: hash } }, usages: ["verify"] });
}

interface HmacParams {
  readonly name: string;
  readonly hash: string;
}

function verifyHmac(
  _algorithm: unknown,
  { secret }: HmacKey,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const expected = createHmac("sha256", secret).update(data).digest();
  return Promise.resolve(
    expected.length === signature.length && timingSafeEqual(expected, signature),
  );
}
