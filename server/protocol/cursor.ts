/** A reader's position: the epoch of the log, and the id of the last message that the reader has. */
export interface Cursor {
  readonly epoch: string;
  readonly id: number;
}

const CURSOR = /^([a-z0-9]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** Formats a cursor as the opaque string that clients store. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.id}`;
}

/** Parses a cursor; returns `undefined` if invalid. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, id] = CURSOR.exec(text) ?? [];
  if (epoch === undefined || id === undefined) return undefined;
  return Number.isSafeInteger(Number(id)) ? { epoch, id: Number(id) } : undefined;
}
