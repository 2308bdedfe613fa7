import { Api, signIn } from "../../../client/comet/api.ts";
import { isFinal, retryAfterOf } from "../../../client/comet/halley_error.ts";
import { wallNow } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import { isSessionReply, isSignedIn } from "../../protocol/guards.ts";
import { CommandError } from "../command_error.ts";
import { signToken } from "../sign_token.ts";

/** How users can sign in: by name, through a back end with an API key, or with tokens of an application (JWT). */
export const AUTHS = ["guest", "key", "jwt"] as const;

/** One of {@linkcode AUTHS}. */
export type Auth = (typeof AUTHS)[number];

/** A user of a run. */
export interface User {
  readonly publicToken: string;
  /** Whether its tokens expire, and have to be replaced while they are used. */
  readonly tokensExpire: boolean;
  /** Another token of this user; a guest has only one. */
  newToken(): Promise<string>;
}

/** Signs users in at a server, in one of the ways. */
export interface SignIns {
  /** What the run's own server must be set to. */
  readonly settings: Readonly<Record<string, string>>;
  /** Signs a new user in. Throws a `CommandError`. */
  signIn(url: string, name: string): Promise<User>;
}

/** Attempts to sign in while the server does not respond. */
const TRIES = 5;

/** The number of tokens per user, which are then reused: a server accepts only the newest 50 of them. */
const TOKENS = 8;

/** How long tokens of the application are valid, in seconds. */
const TOKEN_LIFE = { min: 3, max: 12 } as const;

/** Ways to sign in that share nothing with those of other runs; with a `token`, everyone is its user. */
export function openSignIns(auth: Auth, token?: string): SignIns {
  if (token !== undefined) return signInsByToken(token);
  if (auth === "guest") return GUESTS;
  const secret = crypto.getRandomValues(new Uint8Array(24)).toHex();
  return auth === "key" ? signInsByKey(secret) : signInsByJwt(secret);
}

const GUESTS: SignIns = {
  settings: {},
  async signIn(url, displayName) {
    const { publicToken, privateToken } = await retried(() => signIn({ url, displayName }), TRIES);
    return { publicToken, tokensExpire: false, newToken: () => Promise.resolve(privateToken) };
  },
};

function signInsByToken(privateToken: string): SignIns {
  return {
    settings: {},
    async signIn(url) {
      const api = new Api({ url, privateToken });
      const request = { method: "GET", path: "api/session", isReply: isSessionReply } as const;
      const { publicToken } = await retried(() => api.request(request), TRIES);
      return { publicToken, tokensExpire: false, newToken: () => Promise.resolve(privateToken) };
    },
  };
}

function signInsByKey(key: string): SignIns {
  return {
    settings: { API_KEYS: `soak:users:${key}` },
    async signIn(url, displayName) {
      const api = new Api({ url, privateToken: key });
      const body = { displayName, userId: crypto.randomUUID() };
      const request = { method: "POST", path: "api/sessions", body, isReply: isSignedIn } as const;
      const { publicToken, privateToken } = await retried(() => api.request(request), TRIES);
      const tokens = [privateToken];
      let count = 0;
      const newToken = async () => {
        const old = tokens[++count % TOKENS];
        if (old !== undefined) return old;
        const { privateToken } = await retried(() => api.request(request), Infinity);
        tokens.push(privateToken);
        return privateToken;
      };
      return { publicToken, tokensExpire: false, newToken };
    },
  };
}

function signInsByJwt(secret: string): SignIns {
  return {
    settings: { AUTH: "jwt", JWT_SECRET: secret, JWT_CLOCK_SKEW: "0" },
    async signIn(url, name) {
      const sub = crypto.randomUUID();
      const newToken = () => signToken(withTimes({ sub, name }), secret);
      const api = new Api({ url, getToken: newToken });
      const request = { method: "GET", path: "api/session", isReply: isSessionReply } as const;
      const { publicToken } = await retried(() => api.request(request), TRIES);
      return { publicToken, tokensExpire: true, newToken };
    },
  };
}

/** Claims of a token that expires soon. */
function withTimes(claims: object): object {
  const { min, max } = TOKEN_LIFE;
  const iat = Math.floor(wallNow() / 1_000);
  return { ...claims, iat, exp: iat + min + Math.round((max - min) * Math.random()) };
}

/** Repeats a sign-in until it is answered. Without a response, `tries` times. */
async function retried<T>(request: () => Promise<T>, maxTries: number): Promise<T> {
  for (let tries = 1;;) {
    try {
      return await request();
    } catch (error) {
      const retryAfter = retryAfterOf(error);
      // A server with rate limits can ask any number of times to wait.
      const isGivenUp = isFinal(error) || retryAfter === 0 && tries++ === maxTries;
      if (isGivenUp) throw new CommandError(`Cannot sign in at the server: ${errorMessage(error)}`);
      await delay(retryAfter || 1_000);
    }
  }
}
