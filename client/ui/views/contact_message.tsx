import type { Contact } from "../state/contact.ts";
import { MessageText } from "./message_text.tsx";

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
