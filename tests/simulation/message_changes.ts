/** What is known of a message that is changed. */
interface ChangedMessage {
  /** The text that it has at last; `null` if it is deleted, `undefined` while that is not known. */
  outcome: string | null | undefined;
  /** Whether a deletion was begun. */
  isDeleting: boolean;
}

/** The edits and deletions of a run. A message is edited at most once, and deleted after that. */
export class MessageChanges {
  readonly #messages = new Map<number, ChangedMessage>();

  /** A change begins: an edit, or a deletion without a text. */
  begin(id: number, text: string | undefined): void {
    const isDeleting = text === undefined;
    this.#messages.set(id, { outcome: undefined, isDeleting });
  }

  /** A change was acknowledged. */
  end(id: number, text: string | undefined): void {
    this.#messages.set(id, { outcome: text ?? null, isDeleting: text === undefined });
  }

  /** Whether a message may be edited now, and deleted. */
  canEdit(id: number): boolean {
    return !this.#messages.has(id);
  }

  canDelete(id: number): boolean {
    const message = this.#messages.get(id);
    return message === undefined || message.outcome !== undefined && !message.isDeleting;
  }

  /** Whether readers need not get a message, because it may be deleted. */
  mayBeDeleted(id: number): boolean {
    return this.#messages.get(id)?.isDeleting ?? false;
  }

  /** The deleted messages whose deletion was acknowledged. */
  get deleted(): ReadonlySet<number> {
    return new Set([...this.#messages].flatMap(([id, { outcome }]) => outcome === null ? id : []));
  }

  /** What readers must have of a message in the end: its text, `null` for nothing; `undefined` if that is not known. */
  outcomeOf(id: number): string | null | undefined {
    return this.#messages.get(id)?.outcome;
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
