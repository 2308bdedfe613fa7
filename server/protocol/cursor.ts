/** A reader's place: the life of the log, and the id of the last message that the reader has. */
export interface Cursor {
  readonly epoch: string;
  readonly id: number;
}

const CURSOR = /^([a-z0-9]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** Writes a cursor as the one word that clients keep. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.id}`;
}

/** Reads a cursor; what is none is `undefined`. */
export function parseCursor(word: string): Cursor | undefined {
  const [, epoch, id] = CURSOR.exec(word) ?? [];
  if (epoch === undefined || id === undefined) return undefined;
  return Number.isSafeInteger(Number(id)) ? { epoch, id: Number(id) } : undefined;
}
