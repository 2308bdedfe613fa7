export interface LeadershipListeners {
  readonly onWon: () => void;
  /** Another member has taken over. */
  readonly onLost: () => void;
}

/**
 * A candidate for the leadership of a group. One member becomes its leader, and another one when that is disposed or
 * gone. For a moment there can be two leaders, or none.
 */
export interface Leadership extends Disposable {
  /** Takes over from a leader that does not answer. */
  seize(): void;
}
