import type { Topic } from "../../core/model/message.ts";
import { parseJson } from "./nats_jetstream.ts";

/**
 * What a node must know of a change, and of its message, which is erased from the stream. In a header (`CHANGE_HEADER`),
 * because an index is built without the texts.
 */
export interface ChangeHeader {
  /** The id of the message. */
  readonly of: number;
  /** When the message was sent: Unix time in ms. */
  readonly at: number;
  /** The owner of the message, if that is not its channel. */
  readonly owner?: Topic | undefined;
  /** The message's id for the duplicates of the stream, which a server forgets with the message when it restarts. */
  readonly key?: string | undefined;
  /**
   * The change before it, or the message itself: what it was computed from. After any other change it has no effect. Absent
   * from deletions, which depend on nothing, and from changes of earlier versions.
   */
  readonly base?: number;
  readonly deleted?: true | undefined;
  /** Whether the deleted message has no sender: such a change replaces a deletion that has one. */
  readonly anonymous?: true | undefined;
  /** What changes of the message have erased from the stream, the last ones: nothing else is missing there. */
  readonly erased?: readonly number[];
}

/** Maximum number of ids in {@linkcode ChangeHeader.erased}. Beyond it, a node that starts may tell a gap. */
const MAX_ERASED = 100;

/** Parses the header of a change; returns `undefined` if a message has none, or another client wrote something else. */
export function parseChangeHeader(header: string | undefined): ChangeHeader | undefined {
  const change = header ? parseJson<ChangeHeader>(header) : undefined;
  const isValid = Number.isSafeInteger(change?.of) && Number.isFinite(change?.at) &&
    Number.isSafeInteger(change?.base ?? 0);
  return isValid ? change : undefined;
}

/** A change in the stream. */
export interface ChangeInStream {
  readonly seq: number;
  readonly header: ChangeHeader;
}

/**
 * Where the contents of changed messages are: a stream cannot replace a message, so its last change has the whole message,
 * and whatever had it before is erased. A deletion is final: later changes of that message have no effect. Nor has one that was
 * computed from an earlier state: see `ChangeHeader.base`.
 */
export class NatsChanges {
  /** The last change of each message, by the message's id. */
  readonly #last = new Map<number, ChangeInStream>();
  /** The message of each last change, and of each one without an effect. */
  readonly #changed = new Map<number, number>();
  /** The changed messages, by their `key`. */
  readonly #keys = new Map<string, number>();
  /** What must be erased from the stream. */
  readonly #erasable = new Set<number>();

  /**
   * Adds the next change. Returns the number of the change that it replaces, 0 for the message itself, or `undefined` if it has
   * no effect.
   */
  add({ seq, header }: ChangeInStream): number | undefined {
    const { of, key, anonymous } = header;
    const before = this.#last.get(of);
    if (isStale(header, before)) {
      this.#erasable.add(seq);
      return undefined;
    }
    this.#changed.set(seq, of);
    const isFinal = before?.header.deleted && (!anonymous || before.header.anonymous);
    if (isFinal || seq <= of) {
      this.#erasable.add(seq);
      return undefined;
    }
    this.#last.set(of, { seq, header });
    if (before !== undefined) this.#changed.delete(before.seq);
    if (key !== undefined) this.#keys.set(key, of);
    this.#erasable.add(before?.seq ?? of);
    return before?.seq ?? 0;
  }

  /** What the next change of a message is computed from. */
  baseOf(id: number): number {
    return this.#last.get(id)?.seq ?? id;
  }

  /** Whether a change is the last one of its message with an effect, or was before others. */
  hadEffect({ seq, header: { of } }: ChangeInStream): boolean {
    const last = this.#last.get(of);
    return last !== undefined && (last.seq === seq || (last.header.erased ?? []).includes(seq));
  }

  /** What a further change of a message erases, with what the ones before have erased. */
  erasedWith(id: number): readonly number[] {
    const last = this.#last.get(id);
    return last ? [...last.header.erased ?? [], last.seq].slice(-MAX_ERASED) : [id];
  }

  /** The last change of a message. */
  lastOf(id: number): ChangeInStream | undefined {
    return this.#last.get(id);
  }

  /** The id of the message that a change in the index belongs to. */
  changedBy(seq: number): number | undefined {
    return this.#changed.get(seq);
  }

  /** Whether a change has an effect: it is the last one of its message. */
  hasEffect(seq: number): boolean {
    return this.#last.get(this.#changed.get(seq) ?? 0)?.seq === seq;
  }

  /** The id of the changed message that was sent with this `key`. */
  changedWith(key: string): number | undefined {
    return this.#keys.get(key);
  }

  /**
   * Forgets a message, or a change, that was removed from the log. Returns the other one of the two, which must be removed
   * with it: none is of use without the other.
   */
  remove(id: number): number | undefined {
    const of = this.#changed.get(id) ?? id;
    const last = this.#last.get(of);
    this.#changed.delete(id);
    if (last === undefined || id !== of && id !== last.seq) return undefined;
    this.#last.delete(of);
    this.#changed.delete(last.seq);
    if (last.header.key !== undefined) this.#keys.delete(last.header.key);
    return id === of ? last.seq : of;
  }

  /** What is to be erased before the number `end`; it is not returned again unless it is added again. */
  takeErasable(end: number): readonly number[] {
    // The last message of the stream stays: a node that has not received it would wait for it.
    const found = [...this.#erasable].filter((seq) => seq < end);
    for (const seq of found) this.#erasable.delete(seq);
    return found;
  }

  /** Adds what could not be erased. */
  eraseLater(seq: number): void {
    this.#erasable.add(seq);
  }
}

/**
 * Whether a change was computed from another state than the last one. Only what the next change of the chain was computed from
 * counts: a node that starts finds a part of the changes, because those that others have replaced are erased.
 */
function isStale({ base }: ChangeHeader, before: ChangeInStream | undefined): boolean {
  if (base === undefined || before === undefined || before.header.deleted) return false;
  return base <= (before.header.base ?? before.seq - 1);
}
