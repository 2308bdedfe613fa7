import type { Json } from "../../protocol/message.ts";

/** A number in JSON that a JavaScript number cannot carry. */
export class InexactNumberError extends Error {
  override readonly name = "InexactNumberError";
}

/** Most numbers are shorter. Everything that matches is checked; matches inside strings do no harm. */
const SUSPICIOUS = /[\d.]{16}|\d[eE]/;

/** Number of significant digits that a double can need. More would be lost. */
const DOUBLE_DIGITS = 17;

/** Stands for an inexact number until its path is known. */
class Inexact {
  constructor(readonly source: string) {}
}

/**
 * Parses JSON, but throws an `InexactNumberError` that names the path of a number that would change its value: a whole
 * number that is not exact, more than 17 significant digits, or a number out of range. Throws a `SyntaxError` for invalid JSON.
 */
export function parseExactJson(text: string): Json {
  if (!SUSPICIOUS.test(text)) return JSON.parse(text);
  let found: Inexact | undefined;
  const check = (_key: string, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== "number" || source === undefined || isExact(source, value)) return value;
    return found ??= new Inexact(source);
  };
  const value: Json = JSON.parse(text, check);
  if (found === undefined) return value;
  const path = pathTo(found, value) ?? [];
  throw new InexactNumberError(
    `${path.length === 0 ? "" : `"${path.join(".").slice(0, 200)}": `}` +
      `JavaScript cannot represent the number ${found.source.slice(0, 80)}: send it as a string`,
  );
}

function isExact(source: string, value: number): boolean {
  if (String(value) === source) return true;
  const [written, kept] = [decimal(source), decimal(String(value))];
  if (written === undefined || kept === undefined) return false;
  if (written.digits === kept.digits && written.exponent === kept.exponent) return true;
  const isWhole = written.exponent >= 0;
  return !isWhole && value !== 0 && written.digits.length <= DOUBLE_DIGITS;
}

/** The value is `digits` times 10 to the power of `exponent`. The digits have no zeros at either end. */
function decimal(source: string): { digits: string; exponent: number } | undefined {
  const [, whole, fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  if (whole === undefined) return undefined;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return { digits: "", exponent: 0 };
  const zeros = digits.length - significant.length;
  return { digits: significant, exponent: Number(exponent) - fraction.length + zeros };
}

function pathTo(wanted: Inexact, value: unknown): string[] | undefined {
  if (value === wanted) return [];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const rest = pathTo(wanted, inner);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}
