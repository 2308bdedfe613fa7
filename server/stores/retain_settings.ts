import type { SettingReader } from "../base/setting_reader.ts";
import type { AgeRule } from "../core/hub/age_rules.ts";
import { formatChannel, parseChannel } from "../protocol/channel.ts";
import { isBelow, isMeantAsPattern, parseRoomPattern } from "../protocol/room_pattern.ts";

/** How long messages of some channels are stored: the first rule for a channel counts. */
export type RetainSetting = readonly AgeRule[];

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const RULE = /^(.+):([1-9][0-9]{0,6})([mhd])$/u;

const ALLOWED = "none, or rules separated by commas, such as room:support-*:30d, room:tea:12h, " +
  "direct:7d, notice:90d: a room, a pattern whose beginning ends in -, _ or ., direct or notice, " +
  "and an age in minutes (m), hours (h) or days (d), at most that of RETAIN_DAYS";

/** Reads the ages of some channels, each at most `maxAgeMs`. */
export function readRetainSetting(read: SettingReader, maxAgeMs: number): RetainSetting {
  const parse = (list: string) => {
    const rules = parseRules(list);
    return rules?.every((rule) => rule.maxAgeMs <= maxAgeMs) ? rules : undefined;
  };
  return read.parsed("RETAIN", "none", parse, ALLOWED);
}

/** Rules that apply to no message, since an earlier rule `by` includes all of their channels. */
export function hiddenRules(rules: RetainSetting): readonly { rule: string; by: string }[] {
  return rules.flatMap(({ channels: rule }, index) => {
    const earlier = rules.slice(0, index).find(({ channels }) =>
      isMeantAsPattern(channels) && isBelow(channels, rule)
    );
    return earlier === undefined ? [] : [{ rule, by: earlier.channels }];
  });
}

function parseRules(list: string): RetainSetting | undefined {
  if (list === "none") return [];
  const rules = list.split(",").map((rule) => parseRule(rule.trim()));
  const channels = new Set(rules.map((rule) => rule?.channels));
  const areDistinct = channels.size === rules.length;
  return areDistinct && rules.every((rule) => rule !== undefined) ? rules : undefined;
}

function parseRule(rule: string): AgeRule | undefined {
  const [, words = "", number, unit = ""] = RULE.exec(rule) ?? [];
  const channels = channelsOf(words);
  const ms = UNITS[unit];
  return channels === undefined || ms === undefined
    ? undefined
    : { channels, maxAgeMs: Number(number) * ms };
}

function channelsOf(words: string): string | undefined {
  if (words === "direct" || words === "notice") return words;
  const channel = parseChannel(words);
  return channel?.kind === "room" ? formatChannel(channel) : parseRoomPattern(words);
}
