import { isRecord } from "../../../server/protocol/guards.ts";
import { language, localeOf } from "./language.ts";
import { isRightToLeft } from "./language_tags.ts";

/** What takes the place of a placeholder. A list becomes `one, two and three` in the language of the sentence. */
export type Value = string | number | readonly string[];

/** One text for each plural form that the language has; see `Intl.PluralRules`. */
export type Plural = { readonly [Form in Intl.LDMLPluralRule]?: string } & {
  readonly other: string;
};

/** What a dictionary of another language has for the sentences of the English one: the same keys. */
export type Translation<T> = T extends string ? string
  : T extends { readonly other: string } ? Plural
  : { readonly [Key in keyof T]: Translation<T[Key]> };

type Placeholder<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/**
 * How the page has the sentences of the English dictionary: those with placeholders, such as `Message {title}`, are
 * functions of the values. The plural form follows from `count`.
 */
export type Sentences<T> = T extends string ? [Placeholder<T>] extends [never] ? string
  : (values: { readonly [Name in Placeholder<T>]: Value }) => string
  : T extends { readonly other: string } ? (
      values: { readonly count: number } & { readonly [Name in Placeholder<T[keyof T]>]: Value },
    ) => string
  : { readonly [Key in keyof T]: Sentences<T[Key]> };

type Values = Readonly<Record<string, Value>>;

/** Makes sentences of a dictionary, or of parts of it, in the language of the page. */
export function sentencesOf<T>(dictionary: Translation<T>): Sentences<T>;
export function sentencesOf(dictionary: unknown): unknown {
  return sentence(dictionary);
}

function sentence(entry: unknown): unknown {
  if (!isRecord(entry)) {
    return /{/.test(`${entry}`) ? (values: Values) => fill(entry, values) : entry;
  }
  if (entry.other) {
    return (values: Values) => {
      const form = new Intl.PluralRules(language.value).select(Number(values.count));
      return fill(entry[form] ?? entry.other, values);
    };
  }
  return Object.fromEntries(Object.entries(entry).map(([key, one]) => [key, sentence(one)]));
}

/** Strings are isolated (U+2068 to U+2069) where their direction could change that of what is around them. */
function fill(text: unknown, values: Values): string {
  return `${text}`.replace(/{(\w+)}/g, (_, name) => {
    const { [name]: value = "" } = values;
    if (typeof value === "number") return value.toLocaleString(localeOf(language.value));
    const shown = typeof value === "string"
      ? value
      : new Intl.ListFormat(language.value).format(value);
    return isRightToLeft(text + shown) ? `\u2068${shown}\u2069` : shown;
  });
}
