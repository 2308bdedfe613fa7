import { TokenSource } from "../../../client/comet/token_source.ts";
import { Sessions } from "../../../server/core/sessions/sessions.ts";
import type { SessionStore } from "../../../server/core/model/store.ts";
import { changed } from "../server/simulated_worker.ts";
import { patch, type PlantedBug } from "./planted_bug.ts";

/** Everyone is a user of an application. */
const TOKENS = { tokens: true } as const;

/** The bugs of tokens that expire. */
export const TOKEN_BUGS: readonly PlantedBug[] = [
  {
    name: "a poll goes on after its token has expired",
    rules: ["Q6"],
    options: TOKENS,
    plant: () => {
      const { cachedForClaims } = Sessions.prototype;
      return patch(Sessions.prototype, {
        cachedForClaims(claims) {
          return cachedForClaims.call(this, { ...claims, expires: Infinity });
        },
      });
    },
  },
  {
    name: "the tokens of a user who has signed out stay valid",
    rules: ["S2", "C40"],
    options: {
      ...TOKENS,
      wrap: (store) => {
        const revokeTokens: SessionStore["revokeTokens"] = () => Promise.resolve();
        return changed(store, { sessions: changed(store.sessions, { revokeTokens }) });
      },
    },
  },
  {
    name: "a client that was refused does not get another token",
    rules: ["K14"],
    options: TOKENS,
    plant: () => patch(TokenSource.prototype, { renew: () => Promise.resolve(undefined) }),
  },
];
