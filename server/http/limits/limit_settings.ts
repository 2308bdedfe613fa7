import type { TrustedProxies } from "./client_address.ts";
import type { Rate } from "./rate.ts";

/** How often each may ask, by the name of its limit, as clients are told it. */
export interface Rates {
  readonly "sign-ins": Rate;
  readonly "sign-ins-per-address": Rate;
  readonly "sends-per-session": Rate;
  readonly "sends-per-address": Rate;
  readonly "polls-per-session": Rate;
  readonly "polls-per-address": Rate;
  readonly "calls-per-session": Rate;
  readonly "calls-per-address": Rate;
  readonly "calls-per-key": Rate;
  readonly "wrong-tokens-per-address": Rate;
}

/** The limits by rate. */
export type LimitName = keyof Rates;

/** How often one may ask, and who is one. */
export interface LimitSettings {
  /** Without it, nothing is limited by rate or by address. */
  readonly isOn: boolean;
  readonly rates: Rates;
  readonly parkedPollsPerAddress: number;
  readonly trustedProxies: TrustedProxies;
}
