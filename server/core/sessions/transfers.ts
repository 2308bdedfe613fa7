import type { Runtime, Timer } from "../../base/runtime.ts";
import type { Person } from "../../protocol/message.ts";
import { TRANSFER_TIME } from "../../protocol/limits.ts";
import type { Transfer } from "../../protocol/replies.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Session } from "../model/session.ts";
import type { Store } from "../model/store.ts";
import type { Credentials, Sessions } from "./sessions.ts";
import { PRIVATE_BYTES, randomToken, tokenFrom } from "./token.ts";

/** What {@linkcode Transfers} is constructed from. */
export interface TransfersDeps {
  readonly sessions: Sessions;
  readonly store: Pick<Store, "keyValue" | "sessions">;
  readonly runtime: Runtime;
}

/** What is stored of the newest code of a session. */
interface StoredCode {
  /** SHA-256 of the code. */
  readonly digest: string;
  /** Unix time in ms. */
  readonly expires: number;
}

/** A public token and a secret. */
const CODE = /^([\w-]{16})\.[\w-]{32}$/;

/**
 * Codes with which guests take their session to another device. A session has one code at a time, which is valid for ten
 * minutes and used once, at whatever nodes. Only its digest is stored. If a process ends within these minutes, a used or
 * expired entry can remain: at most one for each session, and it is valid for nothing.
 */
export class Transfers implements Disposable {
  readonly #deps: TransfersDeps;
  /** Remove the entries that this process has written when they expire, by public token. */
  readonly #timers = new Map<string, Timer>();

  constructor(deps: TransfersDeps) {
    this.#deps = deps;
  }

  /** Makes a code, in place of an earlier one of the session. Rejects with `not_allowed` for users of an application. */
  async create({ publicToken, userId }: Session): Promise<Transfer> {
    if (userId !== undefined) {
      throw new Refused("not_allowed", "The application signs this user in, on every device");
    }
    const { store, runtime } = this.#deps;
    const code = `${publicToken}.${randomToken(PRIVATE_BYTES, runtime)}`;
    const expires = runtime.wallNow() + TRANSFER_TIME;
    const stored: StoredCode = { digest: await this.#digestOf(code), expires };
    this.#removeLater(publicToken);
    await store.keyValue.set(transferName(publicToken), JSON.stringify(stored));
    return { code, expires };
  }

  /** Whose code this is. Rejects with `not_signed_in` if it is not valid. */
  async find(code: string): Promise<Person> {
    return (await this.#find(code)).person;
  }

  /** Uses a code up: returns a new private token of its session. Rejects with `not_signed_in` if it is not valid. */
  async use(code: string): Promise<Credentials> {
    const { person: { publicToken, displayName }, text } = await this.#find(code);
    const { store, runtime } = this.#deps;
    const privateToken = randomToken(PRIVATE_BYTES, runtime);
    const isValid = await store.keyValue.replace(transferName(publicToken), text, "") &&
      await store.sessions.addToken(publicToken, privateToken);
    if (!isValid) throw invalid();
    return { publicToken, privateToken, displayName };
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) this.#deps.runtime.clearTimeout(timer);
  }

  #removeLater(publicToken: string): void {
    const { runtime } = this.#deps;
    runtime.clearTimeout(this.#timers.get(publicToken));
    const timer = runtime.setTimeout(() => {
      this.#timers.delete(publicToken);
      this.#removeExpired(publicToken).catch(ignoreUnavailable).catch(reportError);
    }, TRANSFER_TIME);
    this.#timers.set(publicToken, timer);
  }

  async #removeExpired(publicToken: string): Promise<void> {
    const { store: { keyValue }, runtime } = this.#deps;
    const stored = parse(await keyValue.get(transferName(publicToken)));
    // Another node may have made a newer one.
    const isNewer = stored !== undefined && stored.expires > runtime.wallNow();
    if (!isNewer) await keyValue.remove(transferName(publicToken));
  }

  async #find(code: string): Promise<{ readonly person: Person; readonly text: string }> {
    const { store, sessions, runtime } = this.#deps;
    const publicToken = CODE.exec(code)?.[1];
    if (publicToken === undefined) throw invalid();
    const text = await store.keyValue.get(transferName(publicToken));
    const stored = parse(text);
    if (text === undefined || stored === undefined) throw invalid();
    if (stored.expires <= runtime.wallNow()) throw invalid();
    if (stored.digest !== await this.#digestOf(code)) throw invalid();
    const session = await sessions.find(publicToken);
    if (session === undefined) throw invalid();
    return { person: session.person, text };
  }

  async #digestOf(code: string): Promise<string> {
    return tokenFrom(await this.#deps.runtime.digest(new TextEncoder().encode(code)));
  }
}

/** Under which name the code of a session is stored. */
export function transferName(publicToken: string): string {
  return `transfer.${publicToken}`;
}

/** A code that was used is stored as an empty text. */
function parse(text: string | undefined): StoredCode | undefined {
  return text ? JSON.parse(text) : undefined;
}

function invalid(): Refused {
  return new Refused(
    "not_signed_in",
    "The code is unknown, was used, or has expired: make a new one on the other device",
  );
}
