import { isRecord } from "../../../server/protocol/guards.ts";
import type { Message } from "../../comet/halley.ts";

/** The `data` of a message with which somebody leaves an address. */
export interface Contact {
  readonly name: string;
  /** An email address, a phone number, or anything else. */
  readonly address: string;
  readonly text: string;
}

export function isContact(data: unknown): data is Contact {
  return isRecord(data) &&
    [data.name, data.address, data.text].every((one) => typeof one === "string");
}

/** What a message says: its text, that of a form, its data as JSON, or else the names of its files. */
export function textOf(
  { text, data, files = [] }: Pick<Message, "text" | "data" | "files">,
): string {
  const said = text ?? (isContact(data) ? data.text : JSON.stringify(data));
  return said ?? files.map(({ name }) => `📎 ${name}`).join(", ");
}
