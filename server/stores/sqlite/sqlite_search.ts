import type { DatabaseSync } from "node:sqlite";
import type { Runtime } from "../../base/runtime.ts";
import { hasTerms } from "../../core/log/search_query.ts";
import { decode } from "../../core/model/message.ts";
import type {
  IndexState,
  MessageSearch,
  SearchPortion,
  SearchTerms,
} from "../../core/model/message_search.ts";
import type { GroupCommit } from "./group_commit.ts";
import { WordIndex } from "./word_index.ts";

/** Number of messages without words in the index that are searched together. */
const WINDOW = 64;

/** Windows, tables and messages are searched at once until this time in ms has passed. */
const SLICE_MS = 2;

/** What was found, as JSON: see `SearchPortion`. */
export interface StoredPortion {
  readonly messages: readonly string[];
  readonly before: number | undefined;
  readonly unindexed: number;
}

/** What {@linkcode SqliteSearch} reads messages from. */
interface SearchSource {
  readonly group: GroupCommit;
  /** The JSON of an entry as readers get it. */
  readonly jsonOf: (id: number) => string | undefined;
  /** The newest ids that are committed, and durable. */
  readonly newest: () => { readonly committed: number; readonly durable: number };
  readonly runtime: Runtime;
}

/**
 * Finds messages of a SQLite log by their words, with an index of them; the newest messages, whose words are not in it yet, are
 * read to search them. Whatever the texts and the terms are, a portion takes only a few ms.
 */
export class SqliteSearch implements MessageSearch, Disposable {
  readonly words: WordIndex;
  readonly #source: SearchSource;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, source: SearchSource) {
    const { group, runtime } = source;
    this.words = new WordIndex(database, {
      ...{ group, runtime },
      newest: () => source.newest().committed,
    });
    this.#source = source;
    this.#sql = prepare(database);
  }

  find(terms: SearchTerms, before: number, limit: number): Promise<SearchPortion> {
    const { messages, ...portion } = this.findStored(terms, before, limit);
    return Promise.resolve({ ...portion, messages: messages.map(decode) });
  }

  /** {@linkcode find} without decoding what is found. */
  findStored(terms: SearchTerms, before: number, limit: number): StoredPortion {
    const start = Math.min(before, this.#source.newest().durable + 1);
    const found = start > this.words.range.upTo + 1
      ? this.#read(terms, start, limit)
      : this.#lookUp(terms, start, limit);
    return { ...found, unindexed: this.#unindexed };
  }

  state(): Promise<IndexState> {
    return Promise.resolve(this.storedState());
  }

  /** {@linkcode state} at once. */
  storedState(): IndexState {
    const { waiting, damages: { count, last } } = this.words;
    const damage = last !== undefined && { damage: last };
    return { waiting, unindexed: this.#unindexed, damages: count, ...damage };
  }

  [Symbol.dispose](): void {
    this.words[Symbol.dispose]();
  }

  /** About the number of messages that are too old to be in the index yet. */
  get #unindexed(): number {
    const { after } = this.words.range;
    return after === 0 ? 0 : Math.max(0, after + 1 - Number(this.#sql.oldest.get()?.id));
  }

  /** Searches the newest messages, whose words are not in the tables. */
  #read(terms: SearchTerms, start: number, limit: number) {
    const { runtime } = this.#source;
    const { upTo } = this.words.range;
    const end = Math.max(terms.after, upTo) + 1;
    const slice = runtime.fromNow(SLICE_MS);
    const messages: string[] = [];
    for (let before = start; before > end;) {
      const from = Math.max(end, before - WINDOW);
      const rows = this.#sql.withPart.iterate(from, before, `%${longestWord(terms)}%`);
      for (const { id } of rows) {
        messages.push(...this.#entryWith(terms, Number(id)));
        if (runtime.hasPassed(slice)) return { messages, before: Number(id) };
      }
      before = from;
      if (messages.length >= limit || runtime.hasPassed(slice)) return { messages, before };
    }
    return { messages, before: terms.after >= upTo ? undefined : end };
  }

  /** Searches one table after another. */
  #lookUp(terms: SearchTerms, start: number, limit: number) {
    const { runtime } = this.#source;
    const end = runtime.fromNow(SLICE_MS);
    for (let before = start;;) {
      // Nothing is in the tables as soon as one turns out to be damaged.
      const after = Math.max(terms.after, this.words.range.after);
      const first = this.words.newestTableBelow(before);
      if (first === undefined || before <= after + 1) return { messages: [], before: undefined };
      const ids = this.words.find(first, { ...terms, after }, { before, limit });
      if (ids.length > 0) {
        return this.#check(ids, { terms, next: ids.length < limit ? first : undefined });
      }
      before = first;
      if (runtime.hasPassed(end)) return { messages: [], before };
    }
  }

  /** Those of some messages that have the terms, and where to go on: at `next` if all were checked. */
  #check(
    ids: readonly number[],
    { terms, next }: { readonly terms: SearchTerms; readonly next: number | undefined },
  ) {
    const { runtime } = this.#source;
    const end = runtime.fromNow(SLICE_MS);
    const messages: string[] = [];
    const last = ids.at(-1);
    for (const id of ids) {
      messages.push(...this.#entryWith(terms, id));
      if (id !== last && runtime.hasPassed(end)) return { messages, before: id };
    }
    return { messages, before: next ?? last };
  }

  /** The JSON of an entry if it has the terms: the index names candidates, and may be ahead of what is durable. */
  #entryWith(terms: SearchTerms, id: number): readonly string[] {
    const json = this.#source.jsonOf(id);
    return json !== undefined && hasTerms(decode(json), terms) ? [json] : [];
  }
}

/** The word that most likely is in the fewest messages. */
function longestWord({ phrases }: SearchTerms): string {
  return phrases.flatMap(({ words }) => words)
    .reduce((longest, word) => word.length > longest.length ? word : longest, "");
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    oldest: sql("SELECT coalesce(min(id), 1) AS id FROM messages"),
    // Only in ASCII, a text that has a word also contains the characters of the word.
    withPart: sql(`
      SELECT id FROM messages
      WHERE id >= ? AND id < ? AND (message LIKE ? OR octet_length(message) > length(message))
      ORDER BY id DESC`),
  };
}
