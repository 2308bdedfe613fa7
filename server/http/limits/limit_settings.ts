import type { SettingReader } from "../../base/setting_reader.ts";
import { parseTrustedProxies, type TrustedProxies } from "./client_address.ts";
import { formatRate, parseRate, type Rate } from "./token_bucket.ts";

/** The rate limits: the name that clients see, the setting, and its default as a number of requests in seconds. */
const LIMITS = [
  ["sign-ins", "SIGN_INS", 20_000, 60],
  ["sign-ins-per-address", "SIGN_INS_PER_ADDRESS", 1_000, 200],
  ["sends-per-session", "SENDS_PER_SESSION", 100, 5],
  ["sends-per-address", "SENDS_PER_ADDRESS", 5_000, 10],
  ["polls-per-session", "POLLS_PER_SESSION", 2_000, 4],
  ["polls-per-address", "POLLS_PER_ADDRESS", 60_000, 2],
  ["calls-per-session", "CALLS_PER_SESSION", 300, 15],
  ["calls-per-address", "CALLS_PER_ADDRESS", 20_000, 10],
  ["uploads-per-session", "UPLOADS_PER_SESSION", 200, 86_400],
  ["uploads-per-address", "UPLOADS_PER_ADDRESS", 2_000, 86_400],
  ["calls-per-key", "CALLS_PER_KEY", 10_000, 5],
  ["wrong-tokens-per-address", "WRONG_TOKENS_PER_ADDRESS", 2_000, 200],
] as const;

/** The name of a rate limit, as clients see it. */
export type LimitName = (typeof LIMITS)[number][0];

/** The limits of rates and addresses. */
export interface LimitSettings {
  /** `false` disables all of these limits. */
  readonly isOn: boolean;
  readonly rates: ReadonlyMap<LimitName, Rate>;
  readonly parkedPollsPerAddress: number;
  readonly trustedProxies: TrustedProxies;
}

const PROXIES = "none, a number of proxies from 1 to 9, or addresses and networks separated by " +
  "commas, such as 10.0.0.0/8";

const RATES = "<requests>/<seconds>s, such as 100/5s, with whole numbers from 1 to 1000000000";

/** Reads the limits of rates and addresses. */
export function readLimitSettings(read: SettingReader): LimitSettings {
  const readRate = (setting: string, rate: Rate) =>
    read.parsed(setting, formatRate(rate), parseRate, RATES);
  return {
    isOn: read.oneOf("LIMITS", "on", ["on", "off"]) === "on",
    trustedProxies: read.parsed("TRUST_PROXY", "none", parseTrustedProxies, PROXIES),
    parkedPollsPerAddress: read.wholeNumber("PARKED_POLLS_PER_ADDRESS", 4_000, {
      min: 1,
      max: 1_000_000,
    }),
    rates: new Map(
      LIMITS.map(([name, setting, quota, window]) => [name, readRate(setting, { quota, window })]),
    ),
  };
}
