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

/** What a message says: its text, that of a form, or else its data as JSON. */
export function textOf({ text, data }: Pick<Message, "text" | "data">): string {
  return text ?? (isContact(data) ? data.text : JSON.stringify(data) ?? "");
}
