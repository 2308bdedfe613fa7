import { basename, join } from "node:path";
import { errorMessage } from "../../base/error_message.ts";
import { StartError } from "../../base/start_error.ts";
import { isRecord } from "../../protocol/guards.ts";
import { sentenceErrors, type Sentences } from "./check_sentences.ts";

/** A language of the page and the widget. */
export interface Language {
  /** Its tag, such as `pt-BR`. */
  readonly tag: string;
  /** Its name in that language. */
  readonly name: string;
  readonly sentences: Sentences;
}

/** The language whose file has every sentence. */
const COMPLETE = "en";

const EXTENSION = ".json";

/** Which parts of a dictionary are sent together, by what is sent. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "page": ["chat", "tools", "page", "account", "emoji", "files", "finding", "search", "push"],
  "widget": ["chat", "launcher"],
  "widget-more": ["tools", "widget", "files"],
};

/** Where the build has put the shipped languages. */
const SHIPPED = /^language-([\w-]+)\.json$/;

const BUILT = "built";

const MUST_BE_JSON = 'must be JSON such as {"name": "Nederlands", "sentences": {…}}';

/**
 * Reads the shipped languages in the folder of static files, and those of the operator, which replace sentences or add a
 * language. What a language lacks is in English. Throws a `StartError` that lists everything that is wrong with the files
 * of the operator.
 */
export async function readLanguages(
  folder: string,
  operatorFolder: string | undefined,
): Promise<readonly Language[]> {
  const shipped = await readShipped(join(folder, BUILT));
  const languages = new Map(shipped.map((one) => [one.tag, one]));
  const english = languages.get(COMPLETE)?.sentences ?? {};
  const errors: string[] = [];
  for (const [file, bytes] of await readOperatorFiles(operatorFolder)) {
    const tag = basename(file, EXTENSION);
    const result = operatorLanguage(tag, bytes, { known: languages.get(tag), english });
    if ("sentences" in result) languages.set(tag, result);
    else errors.push(...result.errors.map((error) => `${file}: ${error}`));
  }
  if (errors.length > 0) {
    const lines = errors.map((one) => `  ${one}`).join("\n");
    throw new StartError(`Cannot use the sentences in LANGUAGES=${operatorFolder}:\n${lines}`);
  }
  return [...languages.values()].sort((one, other) => one.tag < other.tag ? -1 : 1);
}

/** The files with sentences that are served: one of each language for the page, and two for the widget. */
export function languageFiles(languages: readonly Language[]): ReadonlyMap<string, string> {
  return new Map(
    languages.flatMap(({ tag, sentences }) =>
      Object.entries(PARTS).map(([part, names]) => [
        `/${BUILT}/${part}-${tag}${EXTENSION}`,
        JSON.stringify(Object.fromEntries(names.map((name) => [name, short(sentences[name])]))),
      ])
    ),
  );
}

/** The elements by which the page lists its languages. `files` are the static files: some have names of emoji. */
export function languageLinks(languages: readonly Language[], files: readonly string[]): string {
  return languages.map(({ tag, name }) => {
    const emoji = `${BUILT}/emoji-${tag}${EXTENSION}`;
    const attributes = {
      rel: "dictionary",
      hreflang: tag,
      title: name,
      href: `${BUILT}/page-${tag}${EXTENSION}`,
      ...(files.includes(`/${emoji}`) && { "data-emoji": emoji }),
    };
    const written = Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`);
    return `<link ${written.join(" ")}>`;
  }).join("\n    ");
}

/** Without the plural forms that are the same as `other`, which stands for those that are missing. */
function short(sentences: string | Sentences = {}): string | Sentences {
  if (typeof sentences === "string") return sentences;
  const entries = Object.entries(sentences)
    .filter(([key, value]) => key === "other" || value !== sentences.other)
    .map(([key, value]) => [key, short(value)]);
  return Object.fromEntries(entries);
}

async function readShipped(folder: string): Promise<readonly Language[]> {
  const names = await namesIn(folder).catch(() => []);
  return await Promise.all(
    names.filter((name) => SHIPPED.test(name)).map(async (name) => {
      const text = await Deno.readTextFile(join(folder, name));
      return { tag: name.replace(SHIPPED, "$1"), ...parseShipped(name, text) };
    }),
  );
}

/** The files of the operator by their names. Throws a `StartError` if the folder cannot be read. */
async function readOperatorFiles(
  folder: string | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (folder === undefined) return new Map();
  try {
    const names = (await namesIn(folder)).filter((name) => name.endsWith(EXTENSION));
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, await Deno.readFile(join(folder, name))] as const),
      ),
    );
  } catch (error) {
    throw new StartError(
      `Cannot read the folder LANGUAGES=${folder}: ${
        errorMessage(error)
      }. Create it, or set LANGUAGES=none`,
    );
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

interface Before {
  /** The language as it is shipped. */
  readonly known: Language | undefined;
  readonly english: Sentences;
}

function operatorLanguage(
  tag: string,
  bytes: Uint8Array,
  { known, english }: Before,
): Language | { readonly errors: readonly string[] } {
  if (!isTag(tag)) return { errors: ["the name must be a language tag: nl.json or pt-BR.json"] };
  const given = parseOperator(bytes, known?.name);
  if (typeof given === "string") return { errors: [given] };
  const { name, sentences } = given;
  const errors = sentenceErrors(tag, sentences, english);
  if (errors.length > 0 || !isSentences(sentences)) return { errors };
  return { tag, name, sentences: merged(known?.sentences ?? english, sentences) };
}

function parseShipped(path: string, text: string): Omit<Language, "tag"> {
  const file: unknown = JSON.parse(text);
  if (!isRecord(file) || typeof file.name !== "string" || !isSentences(file.sentences)) {
    throw new Error(`${path} is not a dictionary`);
  }
  return { name: file.name, sentences: file.sentences };
}

/** Returns what is wrong with a file, or else its content. */
function parseOperator(
  bytes: Uint8Array,
  knownName: string | undefined,
): string | { readonly name: string; readonly sentences: unknown } {
  let file: unknown;
  try {
    file = parseJson(bytes);
  } catch (error) {
    return errorMessage(error);
  }
  if (!isRecord(file)) return MUST_BE_JSON;
  const { name = knownName, sentences = {}, ...others } = file;
  const [other] = Object.keys(others);
  if (other !== undefined) return `"${other}" is not a member; allowed: name, sentences`;
  if (typeof name !== "string" || name.trim() === "") {
    return '"name" must be the language’s own name';
  }
  return { name: name.trim(), sentences };
}

/** Parses a file as editors save it: also with a byte order mark. Throws an error that says what is wrong. */
function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("contains bytes that are not UTF-8. Save it as UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes a part of the text, which can have several lines.
    throw new Error(`${MUST_BE_JSON}: ${errorMessage(error).replace(/\s+/g, " ")}`);
  }
}

function isSentences(value: unknown): value is Sentences {
  return isRecord(value) &&
    Object.values(value).every((one) => typeof one === "string" || isSentences(one));
}

/** Replaces the sentences that are given. Plural forms are replaced together: other languages have others. */
function merged(base: Sentences, given: Sentences): Sentences {
  const entries = Object.entries(given).map(([key, value]) => {
    const before = base[key];
    const isGroup = typeof before === "object" && typeof value === "object" &&
      before.other === undefined;
    return [key, isGroup ? merged(before, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
