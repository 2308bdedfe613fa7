import { isRecord } from "../../../server/protocol/guards.ts";
import type { Json } from "../../comet/halley.ts";
import { MessageText } from "./message_text.tsx";

/** The `data` of a message with which somebody leaves an address. */
export interface Contact {
  readonly name: string;
  /** An email address, a phone number, or anything else. */
  readonly address: string;
  readonly text: string;
}

export function contactIn(data: Json | undefined): Contact | undefined {
  if (!isRecord(data)) return undefined;
  const { name, address, text } = data;
  const isContact = [name, address, text].every((one) => typeof one === "string");
  return isContact
    ? { name: String(name), address: String(address), text: String(text) }
    : undefined;
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
