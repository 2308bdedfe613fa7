/** What is known of a message that is changed. */
interface ChangedMessage {
  /** The text that it has at last; `null` if it is deleted, `undefined` while that is not known. */
  outcome: string | null | undefined;
  /** Whether a deletion was begun. */
  isDeleting: boolean;
  /** The simulated time at which the outcome was acknowledged. */
  at?: number;
}

/** The edits and deletions of a run. A message is edited at most once, and deleted after that. */
export class MessageChanges {
  readonly #messages = new Map<number, ChangedMessage>();
  /** The messages that are being erased, with the simulated time at which they were; `undefined` while that is not known. */
  readonly #erased = new Map<number, number | undefined>();

  /** A change begins: an edit, or a deletion without a text. */
  begin(id: number, text: string | undefined): void {
    const isDeleting = text === undefined;
    this.#messages.set(id, { outcome: undefined, isDeleting });
  }

  /** A change was acknowledged, at this simulated time. */
  end(id: number, { text, at }: { readonly text: string | undefined; readonly at: number }): void {
    this.#messages.set(id, { outcome: text ?? null, isDeleting: text === undefined, at });
  }

  /** A message is erased with its sender or its recipient, at this simulated time if that is known. */
  erase(id: number, at?: number): void {
    this.#erased.set(id, this.#erased.get(id) ?? at);
  }

  /** Whether a message may be edited now, and deleted. */
  canEdit(id: number): boolean {
    return !this.#messages.has(id) && !this.#erased.has(id);
  }

  canDelete(id: number): boolean {
    if (this.#erased.has(id)) return false;
    const message = this.#messages.get(id);
    return message === undefined || message.outcome !== undefined && !message.isDeleting;
  }

  /** Whether readers need not get a message, because it may be deleted. */
  mayBeDeleted(id: number): boolean {
    return this.#erased.has(id) || (this.#messages.get(id)?.isDeleting ?? false);
  }

  /** The deleted messages whose deletion was acknowledged. */
  get deleted(): ReadonlySet<number> {
    const ids = [...this.#messages.keys(), ...this.#erased.keys()];
    return new Set(ids.filter((id) => this.outcomeOf(id) === null));
  }

  /** When the deletion of a message was acknowledged. */
  deletedAt(id: number): number | undefined {
    const message = this.#messages.get(id);
    return message?.outcome === null ? message.at : this.#erased.get(id);
  }

  /** What readers must have of a message in the end: its text, `null` for nothing; `undefined` if that is not known. */
  outcomeOf(id: number): string | null | undefined {
    const outcome = this.#messages.get(id)?.outcome;
    if (outcome === null || !this.#erased.has(id)) return outcome;
    return this.#erased.get(id) === undefined ? undefined : null;
  }
}

/** The first text of a message, which is its name, given its text after an edit. */
export function nameOf(text: string): string {
  return text.split(" ~")[0] ?? "";
}

/** The text of a message after an edit. */
export function editedText(name: string): string {
  return `${name} ~ edited`;
}
