import { Listeners } from "../../base/listeners.ts";
import type { Erasure } from "../../protocol/admin_replies.ts";
import { checkUserId } from "../conversations/publishing.ts";
import { isPublicToken } from "../../protocol/channel.ts";
import { Refused } from "../model/refused.ts";
import type { NodeBus } from "../model/store.ts";
import type { Trace } from "../polls/trace.ts";
import type { UserIds } from "../sessions/user_ids.ts";
import type { Accounts } from "./accounts.ts";
import { ErasureJob, type ErasureJobDeps } from "./erasure_job.ts";
import type { ErasureRecord } from "./erasure_records.ts";

/** What {@linkcode Erasures} is constructed from. */
export interface ErasuresDeps extends Omit<ErasureJobDeps, keyof Erasing> {
  readonly bus: NodeBus;
  readonly accounts: Pick<Accounts, "endHere">;
  readonly userIds: UserIds;
  readonly trace: Trace | undefined;
}

/** What the job needs besides. */
type Erasing = Pick<ErasureJobDeps, "begun" | "forget" | "onDone" | "onError">;

/** Later than all tokens. */
const NEVER = 8.64e15;

/**
 * Takes requests to erase people, and tells how far that is. A person who is being erased is signed out, on all nodes. What
 * is stored is erased by the `ErasureJob` of one of them.
 */
export class Erasures implements Disposable {
  readonly #deps: ErasuresDeps;
  readonly #subscription: Disposable;
  /** Emits when this or another node has begun an erasure. */
  readonly #begun = new Listeners<void>();

  constructor(deps: ErasuresDeps) {
    this.#deps = deps;
    this.#subscription = deps.bus.listen((event) => {
      if (event.type === "erased") this.#forgetHere(event.publicToken);
    });
  }

  /**
   * Begins to erase the person of a session, which may have ended long ago, or returns the erasure that is running. Rejects
   * what is not a public token with `not_found`. `by`: the administrator.
   */
  async eraseSession(publicToken: string, by?: string): Promise<Erasure> {
    if (isPublicToken(publicToken)) {
      await this.#record({ by, kind: "session", target: publicToken });
      return await this.#begin(publicToken);
    }
    throw new Refused("not_found", "This is not a public token");
  }

  /** Like {@linkcode eraseSession}, for a user of the application, who may have never signed in. */
  async eraseUser(userId: string, by?: string): Promise<Erasure> {
    checkUserId(userId);
    await this.#record({ by, kind: "user", target: userId });
    return await this.#begin(await this.#deps.sessions.tokenOf(userId));
  }

  /** An erasure that is running, or was done lately. Rejects with `not_found`. */
  async get(id: string): Promise<Erasure> {
    const record = await this.#deps.records.get(id);
    if (record !== undefined) return shown(record);
    throw new Refused("not_found", "There is no erasure with this id, or it was done long ago");
  }

  /** Starts to erase the people whose erasure was requested. Only one node may do so at a time: see `Leader`. */
  startJob(options: Pick<ErasureJobDeps, "onDone" | "onError">): AsyncDisposable {
    const forget = (publicToken: string) => this.#forget(publicToken);
    return new ErasureJob({ ...this.#deps, begun: this.#begun, forget, ...options });
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  /** Before it begins: the job removes the name of the person from the entry. */
  async #record(
    { by, kind, target }: { by: string | undefined; kind: "session" | "user"; target: string },
  ): Promise<void> {
    if (by !== undefined) await this.#deps.audit.record({ by, action: "erase", kind, target });
  }

  async #begin(publicToken: string): Promise<Erasure> {
    const { records, store, runtime } = this.#deps;
    const record = await records.begin(publicToken, runtime.wallNow());
    // No token is valid from now on. The session itself has the list of conversations, which the job needs.
    await store.sessions.revokeTokens(publicToken, NEVER);
    this.#forget(publicToken);
    return shown(record);
  }

  /** Removes a person from the memory of all nodes, and ends what the person still does there. */
  #forget(publicToken: string): void {
    this.#forgetHere(publicToken);
    this.#deps.bus.broadcast({ type: "erased", publicToken });
  }

  #forgetHere(publicToken: string): void {
    const { accounts, userIds, trace } = this.#deps;
    accounts.endHere({ publicToken, reason: "kicked" });
    userIds.forget(publicToken);
    trace?.forget(publicToken);
    this.#begun.emit();
  }
}

function shown({ after: _after, portion: _portion, ...erasure }: ErasureRecord): Erasure {
  return erasure;
}
