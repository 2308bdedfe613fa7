import { isRecord } from "../../../server/protocol/guards.ts";
import { MessageText } from "./message_text.tsx";

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

/** What somebody has written in a form, with their name and address. */
export function ContactMessage(
  { contact: { name, address, text } }: { readonly contact: Contact },
) {
  return (
    <>
      <MessageText text={text} />
      <p class="hint" dir="auto">{name} · {address}</p>
    </>
  );
}
