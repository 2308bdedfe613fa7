import { isMessage } from "../../server/protocol/guards.ts";
import { abortable } from "./abort.ts";
import { type Api, type ApiRequest, REPLY_TIMEOUT } from "./api.ts";
import type { ChangeOptions } from "./client_options.ts";
import { HalleyError } from "./halley_error.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { Platform } from "./platform.ts";
import type { ServerSettings } from "../../server/protocol/replies.ts";
import type { SendRequest } from "../../server/protocol/requests.ts";
import { type Repeating, untilAnswered } from "./until_answered.ts";

/** Options of `CometClient.send`. */
export interface SendOptions {
  readonly signal?: AbortSignal;
  /**
   * When a message with this `key` was first sent, by an earlier page for example: Unix time in ms. It is then sent only
   * while the server is known to remember the key.
   */
  readonly firstSentAt?: number | undefined;
}

/** What a send needs besides the message. */
export interface SendDeps extends Repeating {
  readonly api: Api;
  readonly firstSentAt: number | undefined;
  readonly settings: () => Promise<ServerSettings>;
}

/**
 * Sends a message, and repeats the request with the same key until the server replies, so that the message is stored
 * once. That holds only while the server remembers the key: before the first repetition `settings` must tell for how
 * long, and after that time nothing is sent any more.
 *
 * Throws a `HalleyError` if the server rejects the message or the key has expired, and the signal's reason if it aborts.
 */
export async function sendUntilAnswered(body: SendRequest, deps: SendDeps): Promise<Message> {
  const { api, signal, settings, platform } = deps;
  /** The first attempt that may have reached the server, and the last one. */
  let firstUse = deps.firstSentAt === undefined ? undefined : instantOf(platform, deps.firstSentAt);
  let attempt: Instant | undefined;
  const request = async () => {
    attempt = undefined;
    const keyAge = firstUse && (await abortable(settings(), signal)).keyAge;
    return await api.request({
      method: "POST",
      path: "api/messages",
      body,
      isReply: isMessage,
      signal,
      onAttempt: () => {
        if (firstUse && keyAge !== undefined) assertRemembered(platform, firstUse, keyAge);
        attempt = instantOf(platform);
      },
    });
  };
  return await untilAnswered(request, deps, (error) => {
    // A request that exceeds a limit is not processed.
    const isUnprocessed = error instanceof HalleyError && error.status === 429;
    if (!isUnprocessed) firstUse ??= attempt;
  });
}

/** Sends a change of a message once or, if `isRepeated`, until the server answers. Throws what requests throw. */
export function sendChange<T>(
  request: ApiRequest<T>,
  options: ChangeOptions | undefined,
  deps: Repeating & Pick<SendDeps, "api">,
): Promise<T> {
  const attempt = () => deps.api.request({ ...request, signal: deps.signal });
  return options?.isRepeated ? untilAnswered(attempt, deps) : attempt();
}

/** One point in time on two clocks. The wall clock can be set back; the monotonic clock can stand still during sleep. */
interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

function instantOf(platform: Platform, wall: number = platform.Date.now()): Instant {
  return { wall, monotonic: platform.performance.now() - Math.max(0, platform.Date.now() - wall) };
}

/** Throws if a request that goes out now might reach the server after it has forgotten the key. */
function assertRemembered(
  platform: Platform,
  firstUse: Instant,
  keyAge: number,
): void {
  const age = Math.max(
    platform.Date.now() - firstUse.wall,
    platform.performance.now() - firstUse.monotonic,
  );
  if (age + REPLY_TIMEOUT <= keyAge) return;
  throw new HalleyError({
    code: "key_expired",
    status: 0,
    detail: "The key expires too soon. The message may have arrived",
  });
}
