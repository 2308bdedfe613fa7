const DAYS = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];

const MINUTES_PER_DAY = 24 * 60;

/** Hours of some days, in minutes since midnight; those that end after midnight end after 24 hours. */
interface Hours {
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Whether a time (Unix time in ms) is within the hours of `data-hours`, such as `Mo-Fr 9:00-17:00, Sa 10:00-14:00
 * Europe/Berlin`. Undefined if they are not valid.
 */
export function isWithinHours(written: string, time: number): boolean | undefined {
  const [, list = "", zone = ""] = /^(.*\d)\s+(\S+)$/.exec(written.trim()) ?? [];
  const hours = list.split(",").map(parseHours);
  const now = timeIn(zone, time);
  if (!now || hours.includes(undefined)) return undefined;
  const { day, minute } = now;
  return hours.some((one) => {
    if (!one) return false;
    const { days, from, to } = one;
    const isToday = days.includes(day) && minute >= from && minute < to;
    const sinceYesterday = minute + MINUTES_PER_DAY;
    return isToday || days.includes((day + 6) % 7) && sinceYesterday < to;
  });
}

function parseHours(written: string): Hours | undefined {
  const match = /^\s*(\w\w)(?:-(\w\w))?\s+(\d\d?):(\d\d)-(\d\d?):(\d\d)\s*$/.exec(written);
  if (!match) return undefined;
  const [, first = "", last = first, ...numbers] = match;
  const [start, end] = [DAYS.indexOf(first), DAYS.indexOf(last)];
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = numbers.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (start < 0 || end < 0 || from >= MINUTES_PER_DAY || to > MINUTES_PER_DAY) return undefined;
  if (fromMinute > 59 || toMinute > 59 || from === to) return undefined;
  const count = (end - start + 7) % 7 + 1;
  const days = Array.from({ length: count }, (_, n) => (start + n) % 7);
  return { days, from, to: to > from ? to : to + MINUTES_PER_DAY };
}

/** The day of the week and the minute of the day in a time zone; undefined if there is no such zone. */
function timeIn(timeZone: string, time: number) {
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    }).formatToParts(time);
    const valueOf = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
    return {
      day: DAYS.indexOf(valueOf("weekday").slice(0, 2)),
      minute: Number(valueOf("hour")) * 60 + Number(valueOf("minute")),
    };
  } catch {
    return undefined;
  }
}
