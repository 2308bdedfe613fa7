import type { SettingReader } from "../../base/setting_reader.ts";
import { parseTrustedProxies } from "./client_address.ts";
import type { LimitSettings } from "./limit_settings.ts";
import { formatRate, parseRate, type Rate } from "./rate.ts";

const PROXIES = "none, a number of proxies from 1 to 9, or addresses and networks separated by " +
  "commas, such as 10.0.0.0/8";

const RATES = "<requests>/<seconds>s, such as 100/5s, of whole numbers from 1 to 1000000000";

/** Reads how often one may ask. */
export function readLimitSettings(read: SettingReader): LimitSettings {
  const rate = (name: string, quota: number, window: number): Rate =>
    read.parsed(name, formatRate({ quota, window }), parseRate, RATES);
  return {
    isOn: read.parsed("LIMITS", "on", parseOnOff, "on or off") === "on",
    trustedProxies: read.parsed("TRUST_PROXY", "none", parseTrustedProxies, PROXIES),
    parkedPollsPerAddress: read.wholeNumber("PARKED_POLLS_PER_ADDRESS", 4_000, {
      least: 1,
      most: 1_000_000,
    }),
    rates: {
      "sign-ins": rate("SIGN_INS", 20_000, 60),
      "sign-ins-per-address": rate("SIGN_INS_PER_ADDRESS", 1_000, 200),
      "sends-per-session": rate("SENDS_PER_SESSION", 100, 5),
      "sends-per-address": rate("SENDS_PER_ADDRESS", 5_000, 10),
      "polls-per-session": rate("POLLS_PER_SESSION", 2_000, 4),
      "polls-per-address": rate("POLLS_PER_ADDRESS", 60_000, 2),
      "calls-per-session": rate("CALLS_PER_SESSION", 300, 15),
      "calls-per-address": rate("CALLS_PER_ADDRESS", 20_000, 10),
      "calls-per-key": rate("CALLS_PER_KEY", 10_000, 5),
      "wrong-tokens-per-address": rate("WRONG_TOKENS_PER_ADDRESS", 2_000, 200),
    },
  };
}

function parseOnOff(word: string): "on" | "off" | undefined {
  return word === "on" || word === "off" ? word : undefined;
}
