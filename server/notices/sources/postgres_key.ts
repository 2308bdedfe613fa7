/** The type numbers of possible keys, from `SELECT oid, typname FROM pg_type`. */
const TYPE = {
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
} as const;

/** For each type of parameter, a value that comes before all others. */
export const FIRST_KEYS: ReadonlyMap<number, string> = new Map([
  [TYPE.int2, "-32768"],
  [TYPE.int4, "-2147483648"],
  [TYPE.int8, "-9223372036854775808"],
  [TYPE.float4, "-Infinity"],
  [TYPE.float8, "-Infinity"],
  [TYPE.numeric, "-1e1000"],
  [TYPE.text, ""],
  [TYPE.bpchar, ""],
  [TYPE.varchar, ""],
  [TYPE.date, "-infinity"],
  [TYPE.timestamp, "-infinity"],
  [TYPE.timestamptz, "-infinity"],
  [TYPE.uuid, "00000000-0000-0000-0000-000000000000"],
]);

/** The SQL expression that formats a key of a type always in the same way, whatever the session's settings are. */
export function keyExpression(type: number): string {
  const time = "'YYYY-MM-DD HH24:MI:SS.US'";
  if (type === TYPE.timestamptz) {
    return `to_char(notices.key AT TIME ZONE 'UTC', ${time}) || '+00'`;
  }
  if (type === TYPE.timestamp) return `to_char(notices.key, ${time})`;
  if (type === TYPE.date) return "to_char(notices.key, 'YYYY-MM-DD')";
  return "notices.key::text";
}
