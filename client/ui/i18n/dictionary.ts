import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { en } from "./en/en.ts";
import { language } from "./language.ts";
import { type Sentences, sentencesOf, type Translation } from "./sentences.ts";

type English = typeof en.sentences;

/** All sentences in one language. The server merges it with the one of its operator, and sends parts of it. */
export interface Dictionary {
  /** The name of the language in that language. */
  readonly name: string;
  readonly sentences: Translation<English>;
}

/** Some parts of a dictionary. */
export type PartialDictionary = Partial<Dictionary["sentences"]>;

const loaded = signal<Partial<Sentences<English>>>({});

/** Puts the page into a language, with parts of its dictionary. A page always provides the same parts. */
export function provideDictionary(tag: string, parts: PartialDictionary): void {
  loaded.value = { ...loaded.value, ...sentencesOf<Partial<English>>(parts) };
  language.value = tag;
}

/** The sentences of one part, in the language of the page. Before they are provided, reading them is an error. */
export function part<Name extends keyof English>(
  name: Name,
): ReadonlySignal<Sentences<English>[Name]> {
  return computed(() => {
    const sentences = loaded.value[name];
    if (!sentences) throw new Error(name);
    return sentences;
  });
}

/** Reads the response to a request for parts of a dictionary; rejects if that has failed. The server has checked them. */
export async function readDictionary(response: Response): Promise<PartialDictionary> {
  if (!response.ok) throw new TypeError(response.url);
  return await response.json();
}
