import { isRecord } from "../../protocol/guards.ts";

/** Sentences by key, in groups. One that depends on a number is a group of its plural forms, with the key `other`. */
export interface Sentences {
  readonly [key: string]: string | Sentences;
}

/** What may be missing in a plural form, such as `one`, because the form itself says it. */
const NUMBERS = ["count", "shown"];

/**
 * Compares sentences of an operator with the English ones, in the language of a tag. Returns an error for each key that
 * does not exist, each placeholder that is missing or unknown, and each plural form that the language does not have.
 */
export function sentenceErrors(tag: string, given: unknown, english: Sentences): readonly string[] {
  const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
  return [...groupErrors("", given, { english, forms: pluralCategories })];
}

interface Expected {
  readonly english: Sentences;
  /** The plural forms of the language. */
  readonly forms: readonly string[];
}

function* groupErrors(key: string, given: unknown, expected: Expected): Generator<string> {
  if (!isRecord(given)) return yield `${key || "sentences"}: must be an object`;
  for (const [name, value] of Object.entries(given)) {
    const path = key ? `${key}.${name}` : name;
    const english = Object.hasOwn(expected.english, name) ? expected.english[name] : undefined;
    if (english === undefined) yield `${path}: there is no such sentence`;
    else if (typeof english === "string") yield* textErrors(path, value, placeholdersOf(english));
    else if (typeof english.other === "string") {
      yield* pluralErrors(path, value, { ...expected, english });
    } else yield* groupErrors(path, value, { ...expected, english });
  }
}

function* pluralErrors(
  key: string,
  given: unknown,
  { english, forms }: Expected,
): Generator<string> {
  if (!isRecord(given) || given.other === undefined) {
    return yield `${key}: must be an object with the plural form "other"`;
  }
  const placeholders = placeholdersOf(String(english.other));
  for (const [form, text] of Object.entries(given)) {
    if (!forms.includes(form)) {
      yield `${key}.${form}: the plural forms of this language are ${forms.join(", ")}`;
    } else {
      const optional = form === "other" ? [] : NUMBERS;
      yield* textErrors(`${key}.${form}`, text, placeholders, optional);
    }
  }
}

function* textErrors(
  key: string,
  text: unknown,
  placeholders: readonly string[],
  optional: readonly string[] = [],
): Generator<string> {
  if (typeof text !== "string") return yield `${key}: must be a text`;
  const found = placeholdersOf(text);
  for (const one of placeholders) {
    if (!found.includes(one) && !optional.includes(one)) yield `${key}: {${one}} is missing`;
  }
  for (const one of found) {
    if (!placeholders.includes(one)) yield `${key}: {${one}} is not a placeholder here`;
  }
  if (/[{}]/.test(text.replace(PLACEHOLDER, ""))) {
    yield `${key}: braces are only for placeholders`;
  }
}

const PLACEHOLDER = /\{(\w+)\}/g;

function placeholdersOf(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}
